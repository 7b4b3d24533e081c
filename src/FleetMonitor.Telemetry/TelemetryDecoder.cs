using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Decoding;
using FleetMonitor.Telemetry.Numbers;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry;

/// <summary>
/// Topic and payload bytes → whose message it is and what was measured. Takes any bytes without throwing. The same bytes, receive time
/// and fleet give the same answer. Safe from any thread; a reading on a topic seen before allocates nothing.
/// </summary>
public sealed class TelemetryDecoder
{
    /// <summary>How many messages before its own a topic is best announced.</summary>
    public const int Ahead = 4;

    private readonly Func<FleetSnapshot> _fleet;
    private readonly DecodeOptions _options;
    private readonly Router _router;
    private readonly QuantityReader _quantities;
    private readonly TimeReader _times;

    /// <param name="profiles">The device types that can be read.</param>
    /// <param name="fleet">The fleet as it is known now; asked once a message.</param>
    /// <param name="options">Limits and defaults.</param>
    public TelemetryDecoder(ProfileSet profiles, Func<FleetSnapshot> fleet, DecodeOptions options)
    {
        _fleet = fleet;
        _options = options;
        _router = new Router(profiles, options);
        _quantities = new QuantityReader(options);
        _times = new TimeReader(options);
    }

    /// <summary>Says on which topic a message comes soon, so that by then what is known of it is at hand. It changes nothing but the time that takes.</summary>
    public void Expect(ReadOnlySpan<byte> topic) => _router.Expect(topic);

    /// <param name="topic">The topic's bytes.</param>
    /// <param name="payload">The payload's bytes; a byte order mark before it is passed over.</param>
    /// <param name="receivedAt">When it was received; in a replay, when it was then.</param>
    /// <param name="message">What was read; on a refusal, with the reason and as much of its owner as was found.</param>
    public DecodeOutcome Decode(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, Instant receivedAt, out DecodedMessage message)
    {
        Route route = _router.Of(topic, _fleet());
        if (route.Shape is not { } shape)
        {
            message = new DecodedMessage { Site = string.Empty };
            return DecodeOutcome.NoProfile;
        }

        if (route.Refusal is { } refusal)
        {
            return Refuse(route, refusal, out message);
        }

        if (payload.StartsWith("\uFEFF"u8))
        {
            payload = payload[3..];
        }

        // An empty payload is how a retained message is cleared: it says nothing, and nothing is wrong with it.
        if (payload.IsEmpty)
        {
            message = Of(route);
            return DecodeOutcome.NoMeasurement;
        }

        if (payload.Length > _options.MaxPayloadBytes)
        {
            string detail = $"{payload.Length} bytes are more than {_options.MaxPayloadBytes}";
            return Refuse(route, new Refusal(RefusalReason.TooLarge, "$", detail), out message);
        }

        return shape.Kind switch
        {
            PayloadKind.Json => DecodeJson(topic, payload, receivedAt, route, out message),
            PayloadKind.Number => DecodeNumber(payload, receivedAt, route, out message),
            _ => DecodePresence(payload, route, out message),
        };
    }

    private DecodeOutcome DecodeJson(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, Instant receivedAt, Route route, out DecodedMessage message)
    {
        if (!Utf8.IsValid(payload))
        {
            return Refuse(route, new Refusal(RefusalReason.Malformed, "$", "not UTF-8"), out message);
        }

        MessageShape shape = route.Shape!;
        var scan = new PayloadScan(stackalloc Slot[shape.Slots]);
        try
        {
            JsonTokenType root = scan.Read(payload, shape.Paths);
            if (root != JsonTokenType.StartObject)
            {
                var whole = new Slot { Length = payload.Length, Type = root };
                string detail = root == JsonTokenType.String
                    ? $"expected an object, found a string {Excerpt.Of(payload.Trim("\" \t\r\n"u8))}"
                    : $"expected an object, found {FieldText.Found(payload, whole)}";
                return Refuse(route, new Refusal(RefusalReason.WrongType, "$", detail), out message);
            }

            return Interpret(topic, payload, receivedAt, ref route, ref scan, out message) is { } refusal
                ? Refuse(route, refusal, out message)
                : Outcome(route, ref message);
        }
        catch (JsonException e)
        {
            string detail = $"not JSON, or nested too deeply, at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            return Refuse(route, new Refusal(RefusalReason.Malformed, "$", detail), out message);
        }
        catch (InvalidOperationException)
        {
            // What the JSON reader says to an escape that is half a surrogate pair.
            return Refuse(route, new Refusal(RefusalReason.Malformed, "$", "a string holds half a character"), out message);
        }
    }

    private Refusal? Interpret(
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> payload,
        Instant receivedAt,
        ref Route route,
        ref PayloadScan scan,
        out DecodedMessage message)
    {
        message = default;
        MessageShape shape = route.Shape!;
        bool numericStrings = shape.Profile.NumericStrings;
        var sample = new Sample(receivedAt);
        foreach (FieldSource field in shape.Fields)
        {
            int rank = 0;
            while (rank < field.Paths.Length && !scan.Has(field.FirstSlot + rank))
            {
                rank++;
            }

            if (rank == field.Paths.Length)
            {
                if (field.Kind == FieldKind.Device)
                {
                    return new Refusal(RefusalReason.MissingField, field.Where, "expected the device's id, found nothing");
                }

                continue;
            }

            Slot slot = scan[field.FirstSlot + rank];
            string where = field.Paths[rank];
            Refusal? refusal;
            switch (field.Kind)
            {
                case FieldKind.Device:
                    refusal = ReadDevice(topic, payload, slot, where, ref route);
                    break;
                case FieldKind.Status:
                    refusal = ReadStatus(payload, slot, field, where, ref sample);
                    break;
                case FieldKind.Time when sample.Fields == ReadingFields.None:
                    refusal = null;
                    break;
                case FieldKind.Time:
                    refusal = _times.Read(payload, slot, field, where, numericStrings, route.Calendar!, receivedAt, out sample.At);
                    sample.TimeFromReceipt = false;
                    break;
                default:
                    refusal = UnitOf(payload, field, ref scan, out Scale scale)
                        ?? _quantities.Read(payload, slot, field, where, numericStrings, scale, out sample.Value(field.Kind));
                    break;
            }

            if (refusal is not null)
            {
                return refusal;
            }
        }

        if (sample.Fields == ReadingFields.None && shape.MustMeasure)
        {
            IEnumerable<string> known = shape.Fields.Where(field => field.Kind != FieldKind.Time).SelectMany(field => field.Paths);
            return new Refusal(RefusalReason.MissingField, "$", $"expected at least one of {string.Join(", ", known)}");
        }

        message = Of(route) with
        {
            Reading = sample.ToReading(),
            TimeFromReceipt = sample.TimeFromReceipt,
            Phases = shape.Phases is { } phases ? PhaseReader.Read(payload, phases, ref scan, numericStrings) : default,
        };
        return null;
    }

    private DecodeOutcome DecodeNumber(ReadOnlySpan<byte> payload, Instant receivedAt, in Route route, out DecodedMessage message)
    {
        FieldSource field = route.Shape!.Fields[0];
        var sample = new Sample(receivedAt);
        if (_quantities.ReadText(payload.Trim(" \t\r\n"u8), field, "$", field.Scale, out sample.Value(field.Kind)) is { } refusal)
        {
            return Refuse(route, refusal, out message);
        }

        message = Of(route) with { Reading = sample.ToReading(), TimeFromReceipt = true };
        return DecodeOutcome.Reading;
    }

    private DecodeOutcome DecodePresence(ReadOnlySpan<byte> payload, in Route route, out DecodedMessage message)
    {
        ReadOnlySpan<byte> word = payload.Trim(" \t\r\n"u8);
        MessageShape shape = route.Shape!;
        bool isOnline = word.SequenceEqual(shape.Online);
        if (!isOnline && !word.SequenceEqual(shape.Offline))
        {
            string detail = $"expected {Excerpt.Of(shape.Online)} or {Excerpt.Of(shape.Offline)}, found {Excerpt.Of(word)}";
            return Refuse(route, new Refusal(RefusalReason.WrongType, "$", detail), out message);
        }

        message = Of(route) with { Presence = isOnline ? Presence.Online : Presence.Offline };
        return DecodeOutcome.Presence;
    }

    private Refusal? ReadDevice(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, in Slot slot, string where, ref Route route)
    {
        if (slot.Type is not (JsonTokenType.String or JsonTokenType.Number))
        {
            return new Refusal(RefusalReason.WrongType, where, $"expected the device's id, found {FieldText.Found(payload, slot)}");
        }

        Span<byte> scratch = stackalloc byte[FieldText.Longest];
        route = _router.OfNamed(topic, FieldText.Of(payload, slot, scratch), where, route);
        return route.Refusal;
    }

    private static Refusal? ReadStatus(ReadOnlySpan<byte> payload, in Slot slot, FieldSource field, string where, ref Sample sample)
    {
        if (slot.Type is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            return new Refusal(RefusalReason.WrongType, where, $"expected a word, found {FieldText.Found(payload, slot)}");
        }

        Span<byte> scratch = stackalloc byte[FieldText.Longest];
        ReadOnlySpan<byte> word = FieldText.Of(payload, slot, scratch);
        sample.Value(FieldKind.Status) = (long)DeviceStatus.Unknown;
        foreach ((byte[] text, DeviceStatus status) in field.Statuses)
        {
            if (Ascii.EqualsIgnoreCase(word, text))
            {
                sample.Value(FieldKind.Status) = (long)status;
                break;
            }
        }

        return null;
    }

    /// <summary>The unit of a quantity: the payload's word, where the profile says where to look and something stands there.</summary>
    private static Refusal? UnitOf(ReadOnlySpan<byte> payload, FieldSource field, ref PayloadScan scan, out Scale scale)
    {
        scale = field.Scale;
        if (field.UnitSlot < 0 || !scan.Has(field.UnitSlot))
        {
            return null;
        }

        Slot slot = scan[field.UnitSlot];
        Span<byte> scratch = stackalloc byte[FieldText.Longest];
        return slot.Type == JsonTokenType.String && field.Units!.TryFind(FieldText.Of(payload, slot, scratch), out scale)
            ? null
            : new Refusal(
                RefusalReason.WrongType, field.UnitPath!, $"expected {field.Units!.Description}, found {FieldText.Found(payload, slot)}");
    }

    private DecodeOutcome Outcome(in Route route, ref DecodedMessage message)
    {
        if (message.Reading.Fields != ReadingFields.None)
        {
            return DecodeOutcome.Reading;
        }

        message = Of(route);
        return DecodeOutcome.NoMeasurement;
    }

    private DecodeOutcome Refuse(in Route route, Refusal refusal, out DecodedMessage message)
    {
        message = Of(route) with { Refusal = refusal };
        return DecodeOutcome.Refused;
    }

    private DecodedMessage Of(in Route route) => new()
    {
        Site = route.Site,
        Register = route.Shape!.Profile.Register,
        Profile = route.Shape.Profile.Name,
        Topic = new TopicNote(_router, route),
    };
}
