using FleetMonitor.Fleet.Units;
using static FleetMonitor.Simulation.Model.CaseWords;

namespace FleetMonitor.Simulation.Model;

/// <summary>S1 and S6: trapezoids, their rounding, and gaps. Nothing here has a register.</summary>
public static partial class MeteringCases
{
    private static IEnumerable<MeteringCase> PowerCases()
    {
        yield return Case(
            "Power_Constant_IsIntegrated",
            [Power("10:00:00", 3_600), Power("10:01:00", 3_600)],
            OnTheDay(integrated: 60_000));

        // (0 + 7200) × 60,000 ÷ 7200 = 60,000.
        yield return Case(
            "Power_Rising_IsATrapezoid",
            [Power("10:00:00", 0), Power("10:01:00", 7_200)],
            OnTheDay(integrated: 60_000));

        // (1800 + 1800) × 1 ÷ 7200 = 0.5: the even neighbour is 0.
        yield return Case("Power_HalfAMicrowattHour_RoundsDownToZero", [Power("10:00:00.000", 1_800), Power("10:00:00.001", 1_800)]);

        // (5400 + 5400) × 1 ÷ 7200 = 1.5: the even neighbour is 2.
        yield return Case(
            "Power_OneAndAHalf_RoundsUpToTwo",
            [Power("10:00:00.000", 5_400), Power("10:00:00.001", 5_400)],
            OnTheDay(integrated: 2));

        // (2400 + 3600) × 3 ÷ 7200 = 2.5: the even neighbour is 2.
        yield return Case(
            "Power_TwoAndAHalf_RoundsDownToTwo",
            [Power("10:00:00.000", 2_400), Power("10:00:00.003", 3_600)],
            OnTheDay(integrated: 2));

        // Three times 0.5 are three times 0; rounding only their sum of 1.5 would give 2.
        yield return Case(
            "Power_OfSeveralIntervals_IsRoundedOneByOne",
            [
                Power("10:00:00.000", 1_800), Power("10:00:00.001", 1_800), Power("10:00:00.002", 1_800),
                Power("10:00:00.003", 1_800),
            ]);

        // Nothing is integrated from the absent power of 10:01; (3600 + 3600) × 120,000 ÷ 7200 = 120,000.
        yield return Case(
            "Reading_WithNeitherPowerNorRegister_StartsAndEndsNothing",
            [Hash("09:59:00", 1), Power("10:00:00", 3_600), Hash("10:01:00", 1), Power("10:02:00", 3_600), Hash("10:03:00", 1)],
            OnTheDay(integrated: 120_000));

        // The hash rate in between shows life, not power: 10 minutes without power stay a gap.
        yield return Case(
            "Gap_WithHashRateInBetween_IsStillAGap",
            [Power("10:00:00", 3_600), Hash("10:05:00", 1), Power("10:10:00", 3_600)],
            gaps: [Gap("10:00:00", "10:10:00")]);

        // 3600 mW × 300,000 ms.
        yield return Case(
            "Interval_OfExactlyTheLongestGap_IsIntegrated",
            [Power("10:00:00", 3_600), Power("10:05:00", 3_600)],
            OnTheDay(integrated: 300_000));

        yield return Case(
            "Interval_OneMillisecondOverTheLongestGap_IsOpen",
            [Power("10:00:00", 3_600), Power("10:05:00.001", 3_600), Power("10:05:01.001", 3_600)],
            OnTheDay(integrated: 1_000),
            gaps: [Gap("10:00:00", "10:05:00.001")]);

        // Two gaps that touch are two gaps: each lies between two samples.
        yield return Case(
            "Gaps_ThatTouch_AreListedOneByOne",
            [Power("10:00:00", 3_600), Power("10:10:00", 3_600), Power("10:20:00", 3_600)],
            gaps: [Gap("10:00:00", "10:10:00"), Gap("10:10:00", "10:20:00")]);

        // (3600 + 0) × 600,000 ÷ 7200 = 300,000, wholly estimated.
        yield return Case(
            "Gap_Interpolated_IsTheTrapezoidEstimated",
            [Power("10:00:00", 3_600), Power("10:10:00", 0)],
            OnTheDay(estimated: 300_000),
            options: Interpolate);

        // 3600 × 600,000 ÷ 3600 = 600,000, whatever came after.
        yield return Case(
            "Gap_Held_IsTheFirstPowerEstimated",
            [Power("10:00:00", 3_600), Power("10:10:00", 0)],
            OnTheDay(estimated: 600_000),
            options: Hold);

        // 300,000 ms integrated: the policy is for what is longer.
        yield return Case(
            "Interval_OfExactlyTheLongestGapWithHold_IsIntegrated",
            [Power("10:00:00", 3_600), Power("10:05:00", 0)],
            OnTheDay(integrated: 150_000),
            options: Hold);

        // 7,200,000 ms.
        yield return Case(
            "Gap_OfExactlyTheLongestEstimate_IsEstimated",
            [Power("10:00:00", 3_600), Power("12:00:00", 3_600)],
            OnTheDay(estimated: 7_200_000),
            options: Hold);

        yield return Case(
            "Gap_OneMillisecondOverTheLongestEstimate_IsOpen",
            [Power("10:00:00", 3_600), Power("12:00:00.001", 3_600)],
            gaps: [Gap("10:00:00", "12:00:00.001")],
            options: Interpolate);

        // With a longest estimate below the longest gap nothing is ever estimated; what is short enough is integrated all the same.
        yield return Case(
            "Interval_LongerThanTheLongestEstimateButNotAGap_IsIntegrated",
            [Power("10:00:00", 3_600), Power("10:01:00", 3_600), Power("10:02:00.001", 3_600)],
            OnTheDay(integrated: 60_000),
            gaps: [Gap("10:01:00", "10:02:00.001")],
            options: Hold with { MaxGap = TimeSpan.FromSeconds(60), MaxEstimate = TimeSpan.FromSeconds(30) });

        // Two hours at the 5 MW that a message may state: 5e9 mW × 7.2e6 ms ÷ 3600 = 1e13 µWh, which is 10 MWh.
        yield return Case(
            "Power_AtTheGreatestThatIsAdmitted_IsExact",
            [Power("10:00:00", 5_000_000_000), Power("12:00:00", 5_000_000_000)],
            OnTheDay(estimated: 10_000_000_000_000),
            limits: new ModelLimits(new Power(5_000_000_000)),
            options: Interpolate);
    }
}
