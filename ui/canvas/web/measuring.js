// How large cards are. Vue Flow looks for handles in each, and goes through all nodes for each: here they have none.
import { nextTick } from "vue";

export function createMeasuring({ flow }) {
  // Vue Flow's own observer of sizes calls this.
  flow.updateNodeDimensions = (updates) => nextTick(() => {
    for (const { id, nodeElement } of updates) {
      const node = flow.findNode(id);
      const [width, height] = [nodeElement?.offsetWidth, nodeElement?.offsetHeight];
      if (!node || !width || !height) continue;
      if (node.dimensions.width !== width || node.dimensions.height !== height) node.dimensions = { width, height };
    }
  });
}
