module example/span

go 1.21
