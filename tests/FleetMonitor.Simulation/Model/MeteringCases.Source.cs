using FleetMonitor.Metering;
using static FleetMonitor.Simulation.Model.CaseWords;

namespace FleetMonitor.Simulation.Model;

/// <summary>S5: where registers count and where power does, and how a power interval is clipped where the two meet.</summary>
public static partial class MeteringCases
{
    private static IEnumerable<MeteringCase> SourceCases()
    {
        // Power alone would be 120,000.
        yield return Case(
            "Power_BetweenRegisters_AddsNothing",
            [Both("10:00:00", 3_600, 1_000), Power("10:01:00", 3_600), Both("10:02:00", 3_600, 101_000)],
            OnTheDay(register: 100_000));

        // Register from 10:00 to 11:00, across what would be gaps of power: 1,000,000; none of them is listed.
        yield return Case(
            "Gap_CoveredByRegisters_IsNotListed",
            [Both("10:00:00", 3_600, 0), Power("10:30:00", 3_600), Both("11:00:00", 3_600, 1_000_000)],
            OnTheDay(register: 1_000_000));

        // One minute before the first register, two after the last, at 1 µWh a millisecond.
        yield return Case(
            "Power_BeforeTheFirstAndAfterTheLastRegister_IsIntegrated",
            [
                Power("10:00:00", 3_600), Both("10:01:00", 3_600, 500), Both("10:02:00", 3_600, 700),
                Power("10:03:00", 3_600), Power("10:04:00", 3_600),
            ],
            OnTheDay(register: 200, integrated: 180_000));

        // As before, with one more register reading at the end: the tail of 120,000 is replaced by its difference.
        yield return Case(
            "Tail_OnceARegisterComes_IsReplacedByTheDifference",
            [
                Power("10:00:00", 3_600), Both("10:01:00", 3_600, 500), Both("10:02:00", 3_600, 700),
                Power("10:03:00", 3_600), Power("10:04:00", 3_600), Register("10:04:00", 100_700),
            ],
            OnTheDay(register: 100_200, integrated: 60_000));

        // A single register reading is a baseline and covers no time: two minutes of power around it.
        yield return Case(
            "Register_Single_TakesNothingFromPower",
            [Power("10:00:00", 3_600), Register("10:00:30", 1_000_000), Power("10:01:00", 3_600), Power("10:02:00", 3_600)],
            OnTheDay(integrated: 120_000));

        // The power rises from 0 to 7200 over a minute. Up to the register at half time it has made
        // 7200 × 30,000² ÷ (7200 × 60,000) = 15,000 (a quarter of the whole, not a half); the register makes the rest.
        yield return Case(
            "Power_StraddlingTheFirstRegister_IsClippedByArea",
            [Power("10:00:00", 0), Register("10:00:30", 1_000), Both("10:01:00", 7_200, 21_000)],
            OnTheDay(register: 20_000, integrated: 15_000));

        // After the register at half time the rising power makes the other three quarters: 60,000 - 15,000.
        yield return Case(
            "Power_StraddlingTheLastRegister_IsClippedByArea",
            [Both("10:00:00", 0, 1_000), Register("10:00:30", 21_000), Power("10:01:00", 7_200)],
            OnTheDay(register: 20_000, integrated: 45_000));

        // 20 s before and 20 s after, of a minute.
        yield return Case(
            "Power_StraddlingFirstAndLastRegister_KeepsBothEnds",
            [Power("10:00:00", 3_600), Register("10:00:20", 100), Register("10:00:40", 5_100), Power("10:01:00", 3_600)],
            OnTheDay(register: 5_000, integrated: 40_000));

        // 1800 mW make 0.5 a millisecond: since the start 0, 0.5, 1, 1.5, rounded 0, 0, 1, 2. Before the first register: 0 - 0. After the last:
        // 2 - 1 = 1, where the last millisecond by itself would round to 0.
        yield return Case(
            "Power_Clipped_IsRoundedSinceTheStartOfItsInterval",
            [
                Power("10:00:00.000", 1_800), Register("10:00:00.001", 10), Register("10:00:00.002", 11),
                Power("10:00:00.003", 1_800),
            ],
            OnTheDay(register: 1, integrated: 1));

        // The samples are 10 minutes apart; 4 of them before the first register, 4 after the last.
        yield return Case(
            "Gap_StraddlingRegisters_IsListedWhereTheyDoNotCover",
            [Power("10:00:00", 3_600), Register("10:04:00", 100), Register("10:06:00", 150), Power("10:10:00", 3_600)],
            OnTheDay(register: 50),
            gaps: [Gap("10:00:00", "10:04:00"), Gap("10:06:00", "10:10:00")]);

        // A single register reading is the first and the last: up to it, and from it on, power is missing.
        yield return Case(
            "Gap_AroundASingleRegister_IsTwoGapsThatTouch",
            [Power("10:00:00", 3_600), Register("10:04:00", 100), Power("10:10:00", 3_600)],
            gaps: [Gap("10:00:00", "10:04:00"), Gap("10:04:00", "10:10:00")]);

        // Ten seconds before the register, of an interval longer than the longest gap: the interval is judged, not what is left of it.
        yield return Case(
            "Interval_ClippedToBelowTheLongestGap_IsStillAGap",
            [Power("10:00:00", 3_600), Register("10:00:10", 100), Both("10:05:00.001", 3_600, 400)],
            OnTheDay(register: 300),
            gaps: [Gap("10:00:00", "10:00:10")]);

        // The same, held: 3600 mW × 10,000 ms, by elapsed time and estimated.
        yield return Case(
            "Hold_Clipped_IsByElapsedTime",
            [Power("10:00:00", 3_600), Register("10:00:10", 100), Both("10:05:00.001", 0, 400)],
            OnTheDay(register: 300, estimated: 10_000),
            options: Hold);

        // The same, interpolated from 3600 to 0 over 600,000 ms, the last 150,000 of them: a triangle of a sixteenth of the whole 300,000.
        yield return Case(
            "Interpolation_Clipped_IsByArea",
            [Both("10:00:00", 3_600, 100), Register("10:07:30", 400), Power("10:10:00", 0)],
            OnTheDay(register: 300, estimated: 18_750),
            options: Interpolate);

        // The register jumped by more than the device draws; the power in between cannot stand in for it.
        yield return Case(
            "Power_BetweenImplausibleRegisters_AddsNothing",
            [Both("10:00:00", 3_600, 0), Power("10:00:30", 3_600), Both("10:01:00", 3_600, 120_001)],
            gaps: [Gap("10:00:00", "10:01:00", ModelGapReason.RegisterUnusable)],
            events: [Event("10:01:00", MeterEventKind.RegisterImplausible, 0, 120_001)]);

        // Power and register in messages of their own: 10 s of power before the first register, 5 s after the last.
        yield return Case(
            "Messages_OfPowerAndRegisterApart_MeetWhereTheRegisterIs",
            [
                Power("10:00:00", 3_600), Register("10:00:10", 0), Power("10:01:00", 3_600), Register("10:01:10", 60_000),
                Power("10:01:15", 3_600),
            ],
            OnTheDay(register: 60_000, integrated: 15_000));
    }
}
