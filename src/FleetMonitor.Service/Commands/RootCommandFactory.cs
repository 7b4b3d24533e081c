using System.CommandLine;
using FleetMonitor.Service.Capture;
using FleetMonitor.Service.Demo;
using FleetMonitor.Service.Install;
using FleetMonitor.Service.Simulator;

namespace FleetMonitor.Service.Commands;

/// <summary>All commands; one line each is one command.</summary>
internal static class RootCommandFactory
{
    /// <summary>Arguments are taken as they are typed: a name such as <c>@Eve</c> is no file to read arguments from.</summary>
    public static ParserConfiguration AsTyped { get; } = new() { ResponseFileTokenReplacer = null };

    public static RootCommand Create(TimeProvider time)
    {
        var common = new CommonOptions();
        var root = new RootCommand("FleetMonitor: exact energy and levy from the readings of a mining fleet.")
        {
            RunCommand.Create(common, time),
            DemoCommand.Create(common, time),
            CheckCommand.Create(common, time),
            HashCommand.Create(),
            SimulateCommand.Create(time),
            CaptureCommand.Create(time),
            ReplayCommand.Create(common, time),
            InfluxCommand.Create(common, time),
            new Command("levy", "What finance pulls, and what it files.")
            {
                LevyTotalsCommand.Create(common, time),
                LevyPeriodsCommand.CreateList(common, time),
                LevyPeriodsCommand.CreateStatement(common, time),
                LevyExportCommand.Create(common, time),
                LevyCloseCommand.Create(common, time),
                LevyEntryCommands.CreateAdjust(common, time),
                new Command("turnover", "Turnover, for charges on revenue.") { LevyEntryCommands.CreateTurnoverAdd(common, time) },
                LevyPostingsCommand.Create(common, time),
                LevyTraceCommand.Create(common, time),
                LevyComplianceCommand.Create(common, time),
            },
            LedgerCommands.Create(common, time),
            QuarantineCommand.Create(common, time),
            DetectCommand.Create(),
            InstallCommand.Create(),
        };
        RunCommand.Run(root, common, time);
        common.AddTo(root);
        return root;
    }
}
