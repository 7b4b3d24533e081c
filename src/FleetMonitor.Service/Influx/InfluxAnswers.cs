using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Influx;

/// <summary>What the stores' refusals mean.</summary>
internal static partial class InfluxAnswers
{
    public static PointAnswer Of(int status, string body, TimeSpan? retryAfter, InfluxSettings settings)
    {
        (string? message, HashSet<int> numbered) = Parse(body);
        switch (status)
        {
            case 400 or 422 when message is not null:
                return new PointAnswer(PointVerdict.Refused, message)
                {
                    QuotedLines = QuotedLine().Matches(message).Select(match => match.Groups["line"].Value).ToHashSet(StringComparer.Ordinal),
                    NumberedLines = numbered,
                    Dropped = DroppedCount().Match(message) is { Success: true } dropped
                        ? int.Parse(dropped.Groups["count"].Value, CultureInfo.InvariantCulture)
                        : null,
                };
            case 413:
                return new PointAnswer(PointVerdict.TooLarge, message ?? "the request is too large");
            case 408 or 425 or 429 or >= 500:
                return new PointAnswer(PointVerdict.Unavailable, $"{settings.Url} answers {status}: {Shown(message, body)}") { RetryAfter = retryAfter };
            default:
                return new PointAnswer(PointVerdict.Denied, $"{settings.Url} answers {status}: {Shown(message, body)}. {Hint(status, settings)}");
        }
    }

    /// <summary>The error in the body's JSON: <c>error</c> of 1.x and 3.x, <c>message</c> of 2.x; null where it is something else's answer.</summary>
    private static (string? Message, HashSet<int> Numbered) Parse(string body)
    {
        var numbered = new HashSet<int>();
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (null, numbered);
            }

            string? message = Text(json.RootElement, "message") ?? Text(json.RootElement, "error");
            if (json.RootElement.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Array)
            {
                // 3.x names each bad line by number, from 1, with its own reason.
                foreach (JsonElement line in data.EnumerateArray())
                {
                    if (line.ValueKind == JsonValueKind.Object && line.TryGetProperty("line_number", out JsonElement number)
                        && number.TryGetInt32(out int value))
                    {
                        numbered.Add(value - 1);
                        message = $"{message}: {Text(line, "error_message")}";
                    }
                }
            }

            return (message, numbered);
        }
        catch (JsonException)
        {
            return (null, numbered);
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Shown(string? message, string body)
    {
        string text = (message ?? body).ReplaceLineEndings(" ").Trim();
        return text.Length <= 200 ? text.TrimEnd('.') : text[..200] + "…";
    }

    private static string Hint(int status, InfluxSettings settings) => (status, settings.Api) switch
    {
        (401 or 403, InfluxApi.V2) => "Set Influx:Token to one that may write to the bucket",
        (401 or 403, InfluxApi.V1) => "Set Influx:UserName and Influx:Password to a user that may write to the database",
        (404, InfluxApi.V2) =>
            $"Is there an organisation {settings.Org} with a bucket {settings.Bucket}? 'fleetmonitor influx setup' makes the bucket; for InfluxDB 1.x set Influx:Api to v1",
        (404, InfluxApi.V1) => $"'fleetmonitor influx setup' makes the database {settings.Bucket}; for InfluxDB 2.x set Influx:Api to v2",
        _ => "Is Influx:Url the address of the store itself?",
    };

    [GeneratedRegex(@"unable to parse '(?<line>[^\n]*?)': ")]
    private static partial Regex QuotedLine();

    [GeneratedRegex(@"dropped=(?<count>\d{1,9})\b")]
    private static partial Regex DroppedCount();
}
