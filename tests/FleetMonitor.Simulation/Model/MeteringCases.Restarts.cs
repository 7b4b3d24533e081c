using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using static FleetMonitor.Simulation.Model.CaseWords;

namespace FleetMonitor.Simulation.Model;

/// <summary>S7 for registers that start over: at a modulus, from zero, or as another register. In one second 2000 µWh are just plausible.</summary>
public static partial class MeteringCases
{
    private static IEnumerable<MeteringCase> RestartCases()
    {
        ModelLimits wrapsAtTenThousand = TwoAMillisecond with { Modulus = new Energy(10_000) };

        // 899 is below 0.9 of 1000 and plausible in a second: 899 since the restart. Then 1 more.
        yield return Case(
            "Drop_BelowNineTenths_IsAResetAndCountsTheNewValue",
            [Register("10:00:00", 1_000), Register("10:00:01", 899), Register("10:00:02", 900)],
            OnTheDay(register: 900),
            events: [Event("10:00:01", MeterEventKind.RegisterReset, 1_000, 899)]);

        yield return Case(
            "Reset_ToZero_CountsNothing",
            [Register("10:00:00", 1_000), Register("10:00:01", 0), Register("10:00:02", 5)],
            OnTheDay(register: 5),
            events: [Event("10:00:01", MeterEventKind.RegisterReset, 1_000, 0)]);

        yield return Case(
            "Reset_ToExactlyTheMost_Counts",
            [Register("10:00:00", 1_000_000), Register("10:00:01", 2_000)],
            OnTheDay(register: 2_000),
            events: [Event("10:00:01", MeterEventKind.RegisterReset, 1_000_000, 2_000)]);

        // 2001 cannot have been drawn in a second: another register. From 2001 on it counts again.
        yield return Case(
            "Reset_ToOneOverTheMost_IsAReplacementAndAGap",
            [Register("10:00:00", 1_000_000), Register("10:00:01", 2_001), Register("10:00:02", 2_101)],
            OnTheDay(register: 100),
            gaps: [Gap("10:00:00", "10:00:01", ModelGapReason.RegisterUnusable)],
            events: [Event("10:00:01", MeterEventKind.RegisterReplaced, 1_000_000, 2_001)]);

        // 100 up to the modulus and 100 after it.
        yield return Case(
            "Drop_ThroughTheModulus_CountsBothSidesOfIt",
            [Register("10:00:00", 9_900), Register("10:00:01", 100), Register("10:00:02", 150)],
            OnTheDay(register: 250),
            events: [Event("10:00:01", MeterEventKind.RegisterRollover, 9_900, 100)],
            limits: wrapsAtTenThousand);

        // A rollover of exactly 2000, and one of 2001, which is then a reset to 1901 (plausible in a second).
        yield return Case(
            "Rollover_OfExactlyTheMost_Counts",
            [Register("10:00:00", 9_900), Register("10:00:01", 1_900)],
            OnTheDay(register: 2_000),
            events: [Event("10:00:01", MeterEventKind.RegisterRollover, 9_900, 1_900)],
            limits: wrapsAtTenThousand);

        yield return Case(
            "Rollover_OneOverTheMost_IsAReset",
            [Register("10:00:00", 9_900), Register("10:00:01", 1_901)],
            OnTheDay(register: 1_901),
            events: [Event("10:00:01", MeterEventKind.RegisterReset, 9_900, 1_901)],
            limits: wrapsAtTenThousand);

        // 5000 of 10,000, then 100: a rollover would be 5100 in a second.
        yield return Case(
            "Drop_FarFromTheModulus_IsAReset",
            [Register("10:00:00", 5_000), Register("10:00:01", 100)],
            OnTheDay(register: 100),
            events: [Event("10:00:01", MeterEventKind.RegisterReset, 5_000, 100)],
            limits: wrapsAtTenThousand);

        // 3000 is neither 3100 through the modulus nor 3000 since a restart.
        yield return Case(
            "Drop_ThatFitsNeitherModulusNorReset_IsAReplacement",
            [Register("10:00:00", 9_900), Register("10:00:01", 3_000)],
            gaps: [Gap("10:00:00", "10:00:01", ModelGapReason.RegisterUnusable)],
            events: [Event("10:00:01", MeterEventKind.RegisterReplaced, 9_900, 3_000)],
            limits: wrapsAtTenThousand);

        // 9500 is above 0.9 of 9900: noise comes before the modulus, which would be 9600 anyway.
        yield return Case(
            "Drop_ToAboveNineTenthsWithAModulus_IsNoise",
            [Register("10:00:00", 9_900), Register("10:00:10", 9_500)],
            events: [Event("10:00:10", MeterEventKind.RegisterNoise, 9_900, 9_500)],
            limits: wrapsAtTenThousand);

        // A register that shows its modulus has nothing left up to it: 0 and 7.
        yield return Case(
            "Rollover_FromTheModulusItself_CountsTheNewValue",
            [Register("10:00:00", 10_000), Register("10:00:01", 7)],
            OnTheDay(register: 7),
            events: [Event("10:00:01", MeterEventKind.RegisterRollover, 10_000, 7)],
            limits: wrapsAtTenThousand);

        // A register beyond its declared modulus does not wrap there: the declaration is wrong, and the drop a reset.
        yield return Case(
            "Drop_FromAboveTheModulus_IsAReset",
            [Register("10:00:00", 10_001), Register("10:00:01", 7)],
            OnTheDay(register: 7),
            events: [Event("10:00:01", MeterEventKind.RegisterReset, 10_001, 7)],
            limits: wrapsAtTenThousand);

        // Highest 9990, noise 9980, then 10: 10 to the modulus and 10 after it, in the second since the noise.
        yield return Case(
            "Rollover_AfterNoise_CountsFromTheHighest",
            [Register("10:00:00", 9_990), Register("10:00:01", 9_980), Register("10:00:02", 10)],
            OnTheDay(register: 20),
            events:
            [
                Event("10:00:01", MeterEventKind.RegisterNoise, 9_990, 9_980),
                Event("10:00:02", MeterEventKind.RegisterRollover, 9_990, 10),
            ],
            limits: wrapsAtTenThousand);

        // After the reset the highest is 100, so 95 is noise against it (95 ≥ 90), and 120 makes 20.
        yield return Case(
            "Noise_AfterAReset_IsMeasuredAgainstTheNewBaseline",
            [Register("10:00:00", 1_000), Register("10:00:01", 100), Register("10:00:02", 95), Register("10:00:03", 120)],
            OnTheDay(register: 120),
            events:
            [
                Event("10:00:01", MeterEventKind.RegisterReset, 1_000, 100),
                Event("10:00:02", MeterEventKind.RegisterNoise, 100, 95),
            ]);

        // A single wrong digit, 50,000 instead of 5000, costs both sides of it: up is implausible, and back down is a replacement (5100 in a
        // second). What is not known is listed, and never counted.
        yield return Case(
            "Register_WithOneWrongValue_LosesBothSidesOfIt",
            [Register("10:00:00", 4_900), Register("10:00:01", 50_000), Register("10:00:02", 5_100), Register("10:00:03", 5_200)],
            OnTheDay(register: 100),
            gaps:
            [
                Gap("10:00:00", "10:00:01", ModelGapReason.RegisterUnusable),
                Gap("10:00:01", "10:00:02", ModelGapReason.RegisterUnusable),
            ],
            events:
            [
                Event("10:00:01", MeterEventKind.RegisterImplausible, 4_900, 50_000),
                Event("10:00:02", MeterEventKind.RegisterReplaced, 50_000, 5_100),
            ]);
    }
}
