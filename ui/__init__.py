"""What people see in the browser: pages, the canvas, forms made from schemas, plots."""
