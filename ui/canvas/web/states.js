// The icon of each state; its colour comes from data-state in the style sheet.
export const STATE_ICONS = {
  draft: "circle-dashed",
  queued: "clock",
  running: "loader-circle",
  succeeded: "circle-check",
  cached: "history",
  failed: "octagon-x",
  cancelled: "ban",
  skipped: "skip-forward",
  stale: "refresh-cw",
};

export const PROBLEM_ICONS = { error: "octagon-alert", warning: "triangle-alert" };

export const icon = (name, size = "") => `i i-${name} ${size}`;
