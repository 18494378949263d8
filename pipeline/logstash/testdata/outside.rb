def filter(event)
  IO.popen("ls")
end
