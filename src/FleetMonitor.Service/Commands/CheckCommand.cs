using System.CommandLine;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;

namespace FleetMonitor.Service.Commands;

/// <summary><c>fleetmonitor check</c>: says everything that is wrong with the configuration, at once.</summary>
internal static class CheckCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        var command = new Command("check", "Validates the configuration and the files it names, and prints every problem at once.");
        command.SetAction(parsed =>
        {
            var problems = new List<string>(common.TryRead(parsed, null, out Settings? settings));
            if (settings is not null)
            {
                problems.AddRange(SiteFiles.Load(settings).Problems);
                Doors.Load(settings, time, _ => { }, problems.Add);
            }

            foreach (string problem in problems)
            {
                Console.Error.WriteLine(problem);
            }

            Console.Error.WriteLine(problems.Count switch
            {
                0 => "The configuration is sound.",
                1 => "1 problem.",
                var count => $"{count} problems.",
            });
            return problems.Count == 0 ? ExitCode.Done : ExitCode.WrongUsage;
        });
        return command;
    }
}
