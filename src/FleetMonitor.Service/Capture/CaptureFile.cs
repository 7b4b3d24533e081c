using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt.Topics;
using FleetMonitor.Telemetry.Decoding;

namespace FleetMonitor.Service.Capture;

/// <summary>Reads captures, as <see cref="CaptureWriter"/> writes them and as people edit them.</summary>
public static class CaptureFile
{
    /// <summary>Longer lines are a problem, not a larger buffer.</summary>
    public const int MaxLineBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Yields every line but blank ones, good or bad, reading on as they are taken. Members that a capture does not have are passed over.
    /// </summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static IEnumerable<CaptureLine> Read(Stream stream)
    {
        var lines = new LineReader(stream, MaxLineBytes);
        for (long number = 1; lines.TryRead(out ReadOnlyMemory<byte> line, out bool isTooLong); number++)
        {
            if (isTooLong)
            {
                yield return new CaptureLine(number, null, string.Create(
                    CultureInfo.InvariantCulture, $"the line is longer than {MaxLineBytes} bytes; is this a capture?"));
                continue;
            }

            if (number == 1 && line.Span.StartsWith("\uFEFF"u8))
            {
                line = line[3..];
            }

            if (!line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                yield return ReadLine(number, line.Span, lines.IsOpenEnded);
            }
        }
    }

    private static CaptureLine ReadLine(long number, ReadOnlySpan<byte> line, bool isOpenEnded)
    {
        try
        {
            var fields = new Fields();
            var json = new Utf8JsonReader(line);
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
            {
                return new CaptureLine(number, null, "this is no JSON object; write {\"at\":…,\"topic\":…,\"payload\":…}");
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (fields.Take(ref json) is { } problem)
                {
                    return new CaptureLine(number, null, problem);
                }
            }

            // Reads to the end of the line, so that a second value on it does not pass unseen.
            json.Read();
            return fields.Missing() is { } missing
                ? new CaptureLine(number, null, missing)
                : new CaptureLine(number, new CaptureEntry(fields.At!.Value, fields.Topic, fields.Payload!.Value, fields.Retain), null);
        }
        catch (JsonException exception)
        {
            long at = (exception.BytePositionInLine ?? 0) + 1;
            return isOpenEnded && BreaksOff(line)
                ? new CaptureLine(number, null, string.Create(
                    CultureInfo.InvariantCulture, $"the last line breaks off after {line.Length} bytes: the capture was cut there"), IsTorn: true)
                : new CaptureLine(number, null, string.Create(
                    CultureInfo.InvariantCulture, $"this is no JSON from byte {at} on; a line that breaks off is what a kill leaves: delete it"));
        }
    }

    /// <summary>True for the beginning of an object, with nothing wrong so far.</summary>
    private static bool BreaksOff(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line, isFinalBlock: false, default);
        try
        {
            while (json.Read())
            {
            }

            return json is not { TokenType: JsonTokenType.EndObject, CurrentDepth: 0 };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private ref struct Fields
    {
        public Instant? At;
        public ReadOnlyMemory<byte> Topic;
        public ReadOnlyMemory<byte>? Payload;
        public bool Retain;

        /// <summary>Takes one member; what is wrong with it, or null.</summary>
        public string? Take(ref Utf8JsonReader json)
        {
            if (json.ValueTextEquals("at"u8))
            {
                json.Read();
                At = Text(ref json) is { } text && Rfc3339.TryRead(text.Span, out Instant at) ? at : null;
                return At is null ? "\"at\" is no time; write RFC 3339 with an offset, such as \"2026-01-01T00:00:00.000Z\"" : null;
            }

            if (json.ValueTextEquals("topic"u8))
            {
                json.Read();
                ReadOnlyMemory<byte>? topic = Text(ref json);
                Topic = topic ?? default;
                return topic is null || !TopicName.IsValid(Topic.Span)
                    ? "\"topic\" is no topic name; write the text of one, without + and #"
                    : null;
            }

            if (json.ValueTextEquals("payload"u8))
            {
                json.Read();
                return TakePayload(Text(ref json), "\"payload\" is no text; write a JSON string, or payloadBase64 for binary");
            }

            if (json.ValueTextEquals("payloadBase64"u8))
            {
                json.Read();
                return TakePayload(Base64(ref json), "\"payloadBase64\" is no Base64; write a JSON string of it");
            }

            if (json.ValueTextEquals("retain"u8))
            {
                json.Read();
                Retain = json.TokenType == JsonTokenType.True;
                return json.TokenType is JsonTokenType.True or JsonTokenType.False ? null : "\"retain\" is neither true nor false";
            }

            json.Skip();
            return null;
        }

        public readonly string? Missing() =>
            At is null ? "\"at\" is missing; write when the message was received, such as \"2026-01-01T00:00:00.000Z\""
            : Topic.IsEmpty ? "\"topic\" is missing; write the topic that the message came on"
            : Payload is null ? "\"payload\" is missing; write it, or payloadBase64 for binary"
            : null;

        private string? TakePayload(ReadOnlyMemory<byte>? bytes, string problem)
        {
            if (bytes is null)
            {
                return problem;
            }

            if (Payload is not null)
            {
                return "there are two payloads; write either payload or payloadBase64, once";
            }

            Payload = bytes;
            return null;
        }

        private static ReadOnlyMemory<byte>? Base64(ref Utf8JsonReader json)
        {
            if (json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out byte[]? bytes))
            {
                return bytes;
            }

            return null;
        }

        private static ReadOnlyMemory<byte>? Text(ref Utf8JsonReader json)
        {
            if (json.TokenType != JsonTokenType.String)
            {
                return null;
            }

            byte[] text = new byte[json.ValueSpan.Length];
            try
            {
                return text.AsMemory(0, json.CopyString(text));
            }
            catch (InvalidOperationException)
            {
                // Not UTF-8, or half of a surrogate pair.
                return null;
            }
        }
    }
}
