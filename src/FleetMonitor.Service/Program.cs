using FleetMonitor.Service.Commands;

return await RootCommandFactory.Create(TimeProvider.System).Parse(args).InvokeAsync();
