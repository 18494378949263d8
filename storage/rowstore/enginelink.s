// Go wants this file to let functions without a body be declared: enginelink.go.
