using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using static FleetMonitor.Simulation.Model.CaseWords;

namespace FleetMonitor.Simulation.Model;

/// <summary>S7 for registers that rise, stand still or waver. In one second 2000 µWh are just plausible.</summary>
public static partial class MeteringCases
{
    private static IEnumerable<MeteringCase> RegisterCases()
    {
        yield return Case(
            "Register_Rising_CountsTheDifferences",
            [Register("10:00:00", 1_000), Register("10:00:01", 1_700), Register("11:00:00", 2_000)],
            OnTheDay(register: 1_000));

        yield return Case("Register_StandingStill_IsNoEnergyAndNoEvent", [Register("10:00:00", 1_000), Register("10:00:01", 1_000)]);

        yield return Case(
            "Rise_OfExactlyTheMost_Counts",
            [Register("10:00:00", 1_000), Register("10:00:01", 3_000)],
            OnTheDay(register: 2_000));

        // 2001 in a second is nothing counted; from there on 3001 is the baseline: 10 more.
        yield return Case(
            "Rise_OneOverTheMost_IsAGapAndANewBaseline",
            [Register("10:00:00", 1_000), Register("10:00:01", 3_001), Register("10:00:02", 3_011)],
            OnTheDay(register: 10),
            gaps: [Gap("10:00:00", "10:00:01", ModelGapReason.RegisterUnusable)],
            events: [Event("10:00:01", MeterEventKind.RegisterImplausible, 1_000, 3_001)]);

        // 2000 for the second and 5 for the step.
        yield return Case(
            "Rise_OfTheMostAndADisplayStep_Counts",
            [Register("10:00:00", 1_000), Register("10:00:01", 3_005)],
            OnTheDay(register: 2_005),
            limits: TwoAMillisecond with { DisplayStep = new Energy(5) });

        yield return Case(
            "Rise_OneOverTheMostAndADisplayStep_IsAGap",
            [Register("10:00:00", 1_000), Register("10:00:01", 3_006)],
            gaps: [Gap("10:00:00", "10:00:01", ModelGapReason.RegisterUnusable)],
            events: [Event("10:00:01", MeterEventKind.RegisterImplausible, 1_000, 3_006)],
            limits: TwoAMillisecond with { DisplayStep = new Energy(5) });

        // 7201 mW × 1000 ms ÷ 3600 = 2000.28: the most is not rounded, so 2000 counts and 2001 does not.
        yield return Case(
            "Most_ThatIsNoWholeNumber_IsNotRounded",
            [Register("10:00:00", 0), Register("10:00:01", 2_000), Register("10:00:02", 4_001)],
            OnTheDay(register: 2_000),
            gaps: [Gap("10:00:01", "10:00:02", ModelGapReason.RegisterUnusable)],
            events: [Event("10:00:02", MeterEventKind.RegisterImplausible, 2_000, 4_001)],
            limits: new ModelLimits(new Power(7_201)));

        // 900 is 0.9 of 1000: noise. Then 1001, one more than the highest.
        yield return Case(
            "Drop_ToExactlyNineTenths_IsNoiseAndTheHighestStays",
            [Register("10:00:00", 1_000), Register("10:00:01", 900), Register("10:00:02", 1_001)],
            OnTheDay(register: 1),
            events: [Event("10:00:01", MeterEventKind.RegisterNoise, 1_000, 900)]);

        // 0.9 of 1001 is 900.9: 901 stays above it, 900 does not, and is a reset (900 in a second is plausible).
        yield return Case(
            "NineTenths_ThatAreNoWholeNumber_AreNotRounded",
            [Register("10:00:00", 1_001), Register("10:00:01", 901), Register("10:00:02", 900)],
            OnTheDay(register: 900),
            events:
            [
                Event("10:00:01", MeterEventKind.RegisterNoise, 1_001, 901),
                Event("10:00:02", MeterEventKind.RegisterReset, 1_001, 900),
            ]);

        // 950 is more than 920, but both are below the highest: two noisy readings, no energy.
        yield return Case(
            "Noise_RisingBelowTheHighest_IsNoiseAgain",
            [Register("10:00:00", 1_000), Register("10:00:01", 920), Register("10:00:02", 950), Register("10:00:03", 1_000)],
            events:
            [
                Event("10:00:01", MeterEventKind.RegisterNoise, 1_000, 920),
                Event("10:00:02", MeterEventKind.RegisterNoise, 1_000, 950),
            ]);

        // The time of the rise runs from the noisy reading: 2001 above the highest in one second is too much, though it is two since then.
        yield return Case(
            "Rise_AfterNoise_IsJudgedSinceTheNoise",
            [Register("10:00:00", 10_000), Register("10:00:01", 9_999), Register("10:00:02", 12_001)],
            gaps: [Gap("10:00:01", "10:00:02", ModelGapReason.RegisterUnusable)],
            events:
            [
                Event("10:00:01", MeterEventKind.RegisterNoise, 10_000, 9_999),
                Event("10:00:02", MeterEventKind.RegisterImplausible, 10_000, 12_001),
            ]);

        // Noise leaves power out too: between registers it adds nothing, also where they made nothing.
        yield return Case(
            "Power_UpToANoisyRegister_AddsNothing",
            [Both("10:00:00", 3_600, 1_000), Both("10:01:00", 3_600, 999), Power("10:02:00", 3_600)],
            OnTheDay(integrated: 60_000),
            events: [Event("10:01:00", MeterEventKind.RegisterNoise, 1_000, 999)]);

        // A year of a 180 MW site is 1.6e18 µWh. Ten times that is beyond 64 bits; 3000 more in a minute is still exact.
        yield return Case(
            "Register_OfYearsOfASite_IsExact",
            [
                Register("10:00:00", 9_000_000_000_000_000_000), Register("10:01:00", 8_999_999_999_999_999_999),
                Register("10:02:00", 9_000_000_000_000_003_000),
            ],
            OnTheDay(register: 3_000),
            events: [Event("10:01:00", MeterEventKind.RegisterNoise, 9_000_000_000_000_000_000, 8_999_999_999_999_999_999)]);
    }
}
