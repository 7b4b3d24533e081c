using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Commands;

/// <summary><c>fleetmonitor quarantine</c>: what was refused, why, and feeding it in again.</summary>
internal static class QuarantineCommand
{
    /// <summary>Of topics and payloads in one listing; what is more follows with <c>--after</c>.</summary>
    private const int MostBytes = 64 << 20;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(CommonOptions common, TimeProvider time) => new("quarantine", "Refused input.")
    {
        List(common),
        Retry(common, time),
    };

    private static Option<string?> Reason() => new("--reason") { Description = "Only what was refused for this, such as unknown-site." };

    private static Command List(CommonOptions common)
    {
        Option<string?> reason = Reason();
        Option<int> limit = Arguments.Integer("--limit", 1_000, 1, int.MaxValue, "How many at the most.");
        Option<long> after = new("--after") { Description = "Only what came after the message of that id: where the listing before ended." };
        var command = new Command("list", "Prints refused messages, one JSON object a line; counts by reason go to stderr.") { reason, limit, after };
        command.SetAction(parsed => common.Read(parsed) is not { } settings
            ? ExitCode.WrongUsage
            : Guard(() =>
            {
                using LedgerReader ledger = LedgerReader.Open(new LedgerFiles(settings.Ledger.Directory));
                using Stream output = Console.OpenStandardOutput();
                QuarantinePage page = ledger.QuarantinePage(parsed.GetValue(reason), parsed.GetValue(after), parsed.GetValue(limit), MostBytes);
                foreach (QuarantineRow row in page.Rows)
                {
                    Write(output, row);
                }

                if (page.More)
                {
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"There is more: --after {page.Rows[^1].Id}"));
                }

                foreach ((string code, long count) in ledger.QuarantineCounts())
                {
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{code}: {count}"));
                }
            }));
        return command;
    }

    private static Command Retry(CommonOptions common, TimeProvider time)
    {
        Option<string?> reason = Reason();
        var command = new Command("retry", "Feeds refused messages in again, after the fleet file or a profile was put right.") { reason };
        command.SetAction((parsed, cancellation) =>
        {
            var body = new RetryBody(parsed.GetValue(reason));
            var act = new LedgerAct(
                "quarantine/retry",
                JsonSerializer.SerializeToUtf8Bytes(body, QuarantineBodies.Default.RetryBody),
                async (engine, _, json, token) =>
                {
                    RetryAnswer answer = await QuarantineRetry.RunAsync(engine.Loop, engine.Ledger.Files, body.Reason, token);
                    JsonSerializer.Serialize(json, answer, QuarantineBodies.Default.RetryAnswer);
                    return null;
                },
                Role.Operator);
            return act.RunAsync(common, parsed, time, cancellation);
        });
        return command;
    }

    private static int Guard(Action action)
    {
        try
        {
            action();
            return ExitCode.Done;
        }
        catch (LedgerException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }

    private static void Write(Stream output, QuarantineRow row)
    {
        using (var json = new Utf8JsonWriter(output, Json))
        {
            json.WriteStartObject();
            json.WriteNumber("id", row.Id);
            json.WriteString("at", row.Entry.ReceivedAt.ToString());
            json.WriteString("source", row.Entry.Source);
            json.WriteString("reason", row.Entry.Reason);
            json.WriteString("where", row.Entry.Where);
            json.WriteString("detail", row.Entry.Detail);
            json.WriteString("topic", Encoding.UTF8.GetString(row.Entry.Topic.Span));
            json.WriteString("payload", Encoding.UTF8.GetString(row.Entry.Payload.Span));
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
