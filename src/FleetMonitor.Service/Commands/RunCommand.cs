using System.CommandLine;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Commands;

/// <summary><c>fleetmonitor run</c>: the service. The default command.</summary>
internal static class RunCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        var command = new Command("run", "Runs the service (the default).");
        Run(command, common, time);
        return command;
    }

    /// <summary>Makes a command run the service.</summary>
    public static void Run(Command command, CommonOptions common, TimeProvider time) => command.SetAction(async (parsed, cancellation) =>
    {
        if (common.ReadWithFiles(parsed) is not var (settings, files))
        {
            return ExitCode.WrongUsage;
        }

        try
        {
            return await ServiceHost.RunAsync(settings, files, time, ready: null, cancellation);
        }
        catch (LedgerException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    });
}
