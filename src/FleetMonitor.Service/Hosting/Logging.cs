using FleetMonitor.Service.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace FleetMonitor.Service.Hosting;

/// <summary>Logs go to stderr: readable on a terminal, one JSON object a line where nobody looks.</summary>
internal static class Logging
{
    private const string Template = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static Logger CreateLogger(LogSettings settings)
    {
        LoggerConfiguration configuration = new LoggerConfiguration()
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(settings.Level))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // A start that failed is said in our words; a background service that failed stops the host, which is fatal and carries the cause.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting", LogEventLevel.Fatal)
            .MinimumLevel.Override("Polly", LogEventLevel.Error);
        bool json = settings.Format == LogFormat.Json || (settings.Format == LogFormat.Auto && Console.IsErrorRedirected);
        return (json
            ? configuration.WriteTo.Console(new JsonFormatter(renderMessage: true), standardErrorFromLevel: LogEventLevel.Verbose)
            : configuration.WriteTo.Console(
                outputTemplate: Template,
                standardErrorFromLevel: LogEventLevel.Verbose,
                formatProvider: System.Globalization.CultureInfo.InvariantCulture)).CreateLogger();
    }

    public static ILoggerFactory CreateFactory(LogSettings settings) =>
        LoggerFactory.Create(builder => builder.AddSerilog(CreateLogger(settings), dispose: true));
}
