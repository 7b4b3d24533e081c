using System.CommandLine;
using System.CommandLine.Invocation;
using FleetMonitor.Service.Commands;

// What a stop may take: committing what was received, waiting for the last acks.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
ParseResult parsed = RootCommandFactory.Create(TimeProvider.System).Parse(args, RootCommandFactory.AsTyped);
if (parsed.Action is ParseErrorAction error)
{
    // What went wrong, and what may have been meant, goes to stderr: nothing stands where data are expected.
    error.ShowHelp = false;
    invocation.Output = Console.Error;
}

int exitCode = await parsed.InvokeAsync(invocation);
return parsed.Errors.Count > 0 ? ExitCode.WrongUsage : exitCode;
