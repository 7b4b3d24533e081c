using System.CommandLine;
using System.Text;
using FleetMonitor.Anomalies.Series;

namespace FleetMonitor.Service.Commands;

/// <summary><c>fleetmonitor detect</c>: the streaming detector over a CSV, so that anyone can score it on series of their own.</summary>
internal static class DetectCommand
{
    public static Command Create()
    {
        var input = new Option<FileInfo>("--input") { Description = "CSV with rows timestamp,value; a header is optional.", Required = true };
        input.AcceptExistingOnly();
        var command = new Command("detect", "Runs the anomaly detectors over timestamp,value rows; prints timestamp,value,score,flag.") { input };
        command.SetAction(parsed =>
        {
            FileInfo file = parsed.GetValue(input)!;
            try
            {
                using StreamReader reader = new(file.FullName, Encoding.UTF8);
                using StreamWriter output = new(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                DetectSummary summary = DetectCsv.Run(reader, output, bad => Console.Error.WriteLine($"{file}:{bad.Line}: {bad.Problem}"));
                return summary.BadRows == 0 ? ExitCode.Done : ExitCode.Failed;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"{file}: {e.Message}");
                return ExitCode.Failed;
            }
        });
        return command;
    }
}
