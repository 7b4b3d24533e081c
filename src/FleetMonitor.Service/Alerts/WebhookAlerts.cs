using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Alerts;

/// <summary>
/// Each event of an alert as a POST of its own, in order: <c>{"sequence","at","event","by","reason","anomaly"}</c>. The header
/// <c>X-FleetMonitor-Signature: t=UNIX-SECONDS,v1=HEX</c> is the HMAC-SHA-256, under the secret, of the seconds, a full stop and the body: a
/// receiver checks it, refuses what is minutes old, and knows by the sequence what it has had before.
/// </summary>
internal sealed class WebhookAlerts(WebhookSettings settings, TimeProvider time) : IAlertOutput, IDisposable
{
    private readonly AlertPost _post = new(settings.Url, time);
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(settings.Secret);

    public string Name => "webhook";

    public TimeSpan? RefreshEvery => null;

    public async Task<AlertDelivery> SendAsync(IReadOnlyList<AlertEventRow> events, CancellationToken cancellation)
    {
        for (int i = 0; i < events.Count; i++)
        {
            byte[] body = Body(events[i]);
            PostAnswer answer = await _post.SendAsync(body, Headers(events[i], body), cancellation);
            if (answer.Verdict != PostVerdict.Taken)
            {
                return new AlertDelivery(answer.Verdict == PostVerdict.Refused ? i + 1 : i, answer.Reason);
            }
        }

        return new AlertDelivery(events.Count, null);
    }

    public Task<string?> RefreshAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    public void Dispose() => _post.Dispose();

    /// <summary>What the signature header says of a body that was sent at a time.</summary>
    public static string Sign(byte[] secret, long unixSeconds, ReadOnlySpan<byte> body)
    {
        using IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{unixSeconds}.")));
        hmac.AppendData(body);
        return string.Create(CultureInfo.InvariantCulture, $"t={unixSeconds},v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}");
    }

    private IEnumerable<KeyValuePair<string, string>> Headers(AlertEventRow row, byte[] body) =>
    [
        new("X-FleetMonitor-Event", row.Event.Event),
        new("X-FleetMonitor-Sequence", row.Sequence.ToString(CultureInfo.InvariantCulture)),
        new("X-FleetMonitor-Signature", Sign(_secret, time.GetUtcNow().ToUnixTimeSeconds(), body)),
    ];

    private static byte[] Body(AlertEventRow row)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ApiJson.Writer))
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", row.Sequence);
            json.WriteString("at", row.Event.At.ToString());
            json.WriteString("event", row.Event.Event);
            json.WriteString("by", row.Event.By);
            json.WriteString("reason", row.Event.Reason);
            json.WritePropertyName("anomaly");
            json.WriteRawValue(row.Event.Json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
