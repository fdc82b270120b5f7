// What the parts of a canvas share; provided by canvas.js, injected by the parts.
export const CANVAS = Symbol("canvas");
