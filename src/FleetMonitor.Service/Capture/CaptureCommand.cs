using System.CommandLine;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Service.Commands;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Capture;

/// <summary><c>fleetmonitor capture</c>: records raw messages, so that they can be replayed.</summary>
public static class CaptureCommand
{
    public static Command Create(TimeProvider time)
    {
        var broker = new BrokerOptions();
        var output = new Option<string>("--output")
        {
            Description = "The file that lines are added to; - for stdout.",
            Required = true,
        };
        Option<string> filter = Arguments.TopicFilter("--filter", "#", "What to record.");
        Option<TimeSpan?> duration = Arguments.OptionalDuration("--duration", $"How long to record, {DurationText.Forms}; without it, until Ctrl-C.");

        var command = new Command("capture", "Records raw messages, one JSON object a line.") { output, filter, duration };
        broker.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!broker.TryTls(parsed, out Func<SslClientAuthenticationOptions>? tls))
            {
                return ExitCode.WrongUsage;
            }

            Stream file;
            try
            {
                file = Open(parsed.GetValue(output)!);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                Console.Error.WriteLine($"--output: {exception.Message}");
                return ExitCode.WrongUsage;
            }

            await using (file)
            {
                MqttClientOptions options = CaptureSession.Options("fleetmonitor-capture-" + RandomNumberGenerator.GetHexString(8, lowercase: true)) with
                {
                    UserName = broker.UserName(parsed),
                    Password = broker.Password(parsed),
                };
                var dialer = new BrokerDialer(broker.Address(parsed), tls, time, Console.Error.WriteLine);
                var session = new CaptureSession(dialer, options, parsed.GetValue(filter)!, file, time, Console.Error.WriteLine);
                return await RunAsync(session, parsed.GetValue(duration), time, cancellation);
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(CaptureSession session, TimeSpan? duration, TimeProvider time, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(duration ?? Timeout.InfiniteTimeSpan, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        string? failure;
        await using (ProgressLine.Start(time, () => Describe(session)))
        {
            failure = await session.RunAsync(stop.Token);
        }

        Console.Error.WriteLine(failure ?? Describe(session));
        return failure is null ? ExitCode.Done : ExitCode.Failed;
    }

    private static string Describe(CaptureSession session) =>
        string.Create(CultureInfo.InvariantCulture, $"{session.Messages} messages recorded");

    /// <summary>Opens for adding. Where a killed capture left half a line, that line ends here.</summary>
    private static Stream Open(string path)
    {
        if (path == "-")
        {
            return Console.OpenStandardOutput();
        }

        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                file.WriteByte((byte)'\n');
            }
        }

        return file;
    }
}
