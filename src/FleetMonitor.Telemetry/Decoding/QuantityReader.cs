using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Numbers;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>From the text of a measured number to whole counted units, or to the reason why not (S1, S11).</summary>
internal sealed class QuantityReader(DecodeOptions options)
{
    /// <summary>Reads a JSON value.</summary>
    /// <param name="scale">The unit it stands in.</param>
    public Refusal? Read(
        ReadOnlySpan<byte> payload, in Slot slot, FieldSource field, string where, bool numericStrings, Scale scale, out long value)
    {
        value = 0;
        if (slot.Type == JsonTokenType.StartArray && field.SumsLists)
        {
            return ReadSum(payload.Slice(slot.Start, slot.Length), field, where, numericStrings, scale, out value);
        }

        if (slot.Type != JsonTokenType.Number && !(slot.Type == JsonTokenType.String && numericStrings))
        {
            return WrongType(payload, slot, where);
        }

        Span<byte> scratch = stackalloc byte[FieldText.Longest];
        ReadOnlySpan<byte> text = FieldText.Of(payload, slot, scratch).Trim((byte)' ');
        return ReadText(text, field, where, scale, out value) is { } refusal
            ? refusal.Reason == RefusalReason.WrongType ? WrongType(payload, slot, where) : refusal
            : null;
    }

    /// <summary>Reads a number's text.</summary>
    public Refusal? ReadText(ReadOnlySpan<byte> text, FieldSource field, string where, Scale scale, out long value)
    {
        value = 0;
        return Parse(text, field, where, out ExactDecimal number) ?? Count(number, text, field, where, scale, out value);
    }

    private Refusal? ReadSum(
        ReadOnlySpan<byte> list, FieldSource field, string where, bool numericStrings, Scale scale, out long value)
    {
        value = 0;
        ExactDecimal sum = default;
        var reader = new Utf8JsonReader(list);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isNumber = reader.TokenType == JsonTokenType.Number || (reader.TokenType == JsonTokenType.String && numericStrings);
            if (!isNumber)
            {
                return new Refusal(RefusalReason.WrongType, where, $"expected a list of numbers, found {Excerpt.Of(list)}");
            }

            ReadOnlySpan<byte> text = reader.ValueSpan.Trim((byte)' ');
            if ((Parse(text, field, where, out ExactDecimal item) ?? Count(item, text, field, where, scale, out _)) is { } refusal)
            {
                return refusal;
            }

            if (item.IsNegative || !ExactDecimal.TryAdd(sum, item, out sum))
            {
                return new Refusal(RefusalReason.OutOfRange, where, $"no exact sum of {Excerpt.Of(list)}");
            }
        }

        return Count(sum, list, field, where, scale, out value);
    }

    private static Refusal? Parse(ReadOnlySpan<byte> text, FieldSource field, string where, out ExactDecimal number) =>
        ExactDecimal.Parse(text, out number) switch
        {
            NumberText.NotANumber => new Refusal(RefusalReason.WrongType, where, $"expected a number, found {Excerpt.Of(text)}"),
            NumberText.NotFinite => new Refusal(RefusalReason.Implausible, where, $"{Bare(text)} is not finite"),
            _ when number.IsNegative && field.Kind != FieldKind.Temperature =>
                new Refusal(RefusalReason.Implausible, where, $"{Bare(text)} is negative"),
            _ => null,
        };

    private Refusal? Count(
        ExactDecimal number, ReadOnlySpan<byte> text, FieldSource field, string where, Scale scale, out long value)
    {
        bool fits = number.TryScale(scale, Rounding.HalfEven, out value);
        switch (field.Kind)
        {
            case FieldKind.Power when !fits || value > options.MaxDevicePower.Milliwatts:
                string most = options.MaxDevicePower.Watts.ToString(CultureInfo.InvariantCulture);
                return new Refusal(RefusalReason.Implausible, where, $"{Bare(text)} is more than any device draws ({most} W)");
            case FieldKind.Temperature when fits:
                fits = value is >= int.MinValue and <= int.MaxValue;
                break;
            default:
                break;
        }

        return fits ? null : new Refusal(RefusalReason.OutOfRange, where, $"{Bare(text)} is too large to be counted");
    }

    private static Refusal WrongType(ReadOnlySpan<byte> payload, in Slot slot, string where) =>
        new(RefusalReason.WrongType, where, $"expected a number, found {FieldText.Found(payload, slot)}");

    private static string Bare(ReadOnlySpan<byte> text) => Excerpt.Of(text).Trim('"');
}
