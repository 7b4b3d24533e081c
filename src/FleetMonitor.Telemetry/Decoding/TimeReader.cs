using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Numbers;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>From what a device says of the time to an instant, or to the reason why not (S1, S10).</summary>
internal sealed class TimeReader(DecodeOptions options)
{
    private static readonly Instant Earliest = Instant.From(new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public Refusal? Read(
        ReadOnlySpan<byte> payload, in Slot slot, FieldSource field, string where, bool numericStrings, DayCalendar calendar, Instant receivedAt,
        out Instant at)
    {
        Span<byte> scratch = stackalloc byte[FieldText.Longest];
        ReadOnlySpan<byte> text = FieldText.Of(payload, slot, scratch);
        at = default;
        bool isRead = slot.Type switch
        {
            JsonTokenType.Number => TryEpoch(text, field, out at),
            JsonTokenType.String => TryText(text, field, calendar, receivedAt, out at) || (numericStrings && TryEpoch(text, field, out at)),
            _ => false,
        };
        return isRead
            ? Check(at, where, receivedAt)
            : new Refusal(RefusalReason.WrongType, where, $"expected {Expected(field)}, found {FieldText.Found(payload, slot)}");
    }

    private Refusal? Check(Instant at, string where, Instant receivedAt)
    {
        if (at < Earliest)
        {
            return new Refusal(RefusalReason.Clock, where, $"{Shown(at)} is before 2010") { Claimed = at };
        }

        return at > receivedAt.Plus(options.MaxFuture)
            ? new Refusal(RefusalReason.Clock, where, $"{Shown(at)} is more than {options.MaxFuture} ahead of its receipt at {receivedAt}")
                { Claimed = at }
            : null;
    }

    private static bool TryEpoch(ReadOnlySpan<byte> text, FieldSource field, out Instant at)
    {
        at = default;
        if (field.Epoch is not { } scale)
        {
            return false;
        }

        // A number too large to count is a time too far ahead, or too far back; the check that follows says so.
        switch (ExactDecimal.Parse(text.Trim((byte)' '), out ExactDecimal number))
        {
            case NumberText.NotANumber:
                return false;
            case NumberText.NotFinite:
                at = new Instant(text.StartsWith("-"u8) ? long.MinValue : long.MaxValue);
                return true;
            default:
                bool fits = number.TryScale(scale, Rounding.Floor, out long milliseconds);
                at = new Instant(fits ? milliseconds : number.IsNegative ? long.MinValue : long.MaxValue);
                return true;
        }
    }

    private static bool TryText(ReadOnlySpan<byte> text, FieldSource field, DayCalendar calendar, Instant receivedAt, out Instant at)
    {
        foreach (ClockText shape in field.Texts)
        {
            if (shape.TryRead(text, out ClockTime time))
            {
                at = time.OffsetMinutes is { } minutes
                    ? Instant.From(new DateTimeOffset(DateTime.SpecifyKind(time.Local, DateTimeKind.Utc))).Minus(TimeSpan.FromMinutes(minutes))
                    : calendar.ToInstant(time.Local, receivedAt);
                return true;
            }
        }

        at = default;
        return false;
    }

    private static string Expected(FieldSource field)
    {
        IEnumerable<string> shapes = field.Texts.Select(text => text.Description);
        return string.Join(" or ", field.Epoch is null ? shapes : shapes.Append("a number of seconds or milliseconds since 1970"));
    }

    private static string Shown(Instant at)
    {
        bool hasDate = at.UnixMilliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
            && at.UnixMilliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        return hasDate ? at.ToString() : "a time beyond all calendars";
    }
}
