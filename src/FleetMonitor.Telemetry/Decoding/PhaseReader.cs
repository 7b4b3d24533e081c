using System.Text.Json;
using FleetMonitor.Telemetry.Numbers;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>Reads what a message says of its phases. What cannot be read is not there: it is only looked at, and refuses nothing.</summary>
internal static class PhaseReader
{
    public static PhaseValues Read(ReadOnlySpan<byte> payload, PhaseSource source, ref PayloadScan scan, bool numericStrings) =>
        TryRead(payload, source, 0, ref scan, numericStrings, out long a)
        && TryRead(payload, source, 1, ref scan, numericStrings, out long b)
        && TryRead(payload, source, 2, ref scan, numericStrings, out long c)
            ? new PhaseValues(source.Quantity, a, b, c)
            : default;

    private static bool TryRead(
        ReadOnlySpan<byte> payload, PhaseSource source, int phase, ref PayloadScan scan, bool numericStrings, out long value)
    {
        value = 0;
        int index = source.FirstSlot + phase;
        if (!scan.Has(index))
        {
            return false;
        }

        Slot slot = scan[index];
        bool isNumber = slot.Type == JsonTokenType.Number || (slot.Type == JsonTokenType.String && numericStrings && !slot.IsEscaped);
        return isNumber
            && ExactDecimal.Parse(payload.Slice(slot.Start, slot.Length).Trim((byte)' '), out ExactDecimal number) == NumberText.Number
            && !number.IsNegative
            && number.TryScale(source.Scale, Rounding.HalfEven, out value);
    }
}
