-- No bar of progress on the operator's screen.
set enable_progress_bar = false;
