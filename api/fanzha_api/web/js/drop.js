/** Files dropped on the page. */

/** Call `onFile` with a file that is dropped anywhere; while one hovers, the body has the class `dropping`. */
export function onDrop(onFile) {
  let depth = 0; // dragenter and dragleave come for every element passed
  const over = (more) => {
    depth = Math.max(0, depth + more);
    document.body.classList.toggle("dropping", depth > 0);
  };
  const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => {
    if (files(event)) over(1);
  });
  addEventListener("dragleave", (event) => {
    if (files(event)) over(-1);
  });
  addEventListener("dragover", (event) => {
    if (files(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth = 0;
    over(0);
    if (event.dataTransfer.files[0]) onFile(event.dataTransfer.files[0]);
  });
}
