# the value of `params` is the value of the hash passed to `script_params`
# in the logstash configuration
def register(params)
  @keep = params["keep"]
  @times = (params["times"] || 1).to_i
end

# the filter method receives an event and must return a list of events.
# Dropping an event means not including it in the return array,
# while creating new ones only requires you to add a new instance of
# LogStash::Event to the returned array
def filter(event)
  return [] unless event.get("kind") == @keep
  copies = (1..@times).map { |i| LogStash::Event.new({ "copy" => label(i) }) }
  [event] + copies
end

def label(i)
  "n#{i}"
end

test "drop percentage 100%" do
  parameters do
    { "percentage" => 1 }
  end

  in_event { { "message" => "hello" } }

  expect("drops the event") do |events|
    events.size == 0 && Whatever.is.fine?
  end
end
