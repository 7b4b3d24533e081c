using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Capture;

/// <summary>
/// Writes a capture, one JSON object a line: <c>{"at":"2026-01-01T00:00:00.000Z","topic":"…","payload":"…"}</c>. A payload that is not UTF-8,
/// or that holds U+0000, goes into <c>payloadBase64</c> instead, so that every payload comes back byte by byte.
/// </summary>
public sealed class CaptureWriter(IBufferWriter<byte> target)
{
    private static readonly JsonWriterOptions Options = new()
    {
        // A capture is read by people and by the program; no browser takes it for a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Utf8JsonWriter _json = new(target, Options);

    public void Write(Instant at, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool retain)
    {
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("at"u8, at.ToString());
        _json.WriteString("topic"u8, topic);
        if (Utf8.IsValid(payload) && !payload.Contains((byte)0))
        {
            _json.WriteString("payload"u8, payload);
        }
        else
        {
            _json.WriteBase64String("payloadBase64"u8, payload);
        }

        if (retain)
        {
            _json.WriteBoolean("retain"u8, true);
        }

        _json.WriteEndObject();
        _json.Flush();
        target.Write("\n"u8);
    }
}
