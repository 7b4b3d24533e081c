using FleetMonitor.Metering;
using static FleetMonitor.Simulation.Model.CaseWords;

namespace FleetMonitor.Simulation.Model;

/// <summary>S9: local midnights, short and long days, and the rounding of the pieces.</summary>
public static partial class MeteringCases
{
    private static IEnumerable<MeteringCase> DayCases()
    {
        // Almaty is at +05:00 in 2026: midnight is 19:00 UTC. 10 over 3 s, one of them before: 3.33, so 3 and then 10 - 3.
        yield return Case(
            "Register_AcrossMidnight_SplitsByTimeAndSumsToTheWhole",
            [Register("18:59:59", 100), Register("19:00:02", 110)],
            [Day("2026-07-01", register: 3), Day("2026-07-02", register: 7)],
            zone: "Asia/Almaty");

        // The power rises from 0 to 7200 over the minute around midnight: a quarter before, three after.
        yield return Case(
            "Power_AcrossMidnight_SplitsByArea",
            [Power("18:59:30", 0), Power("19:00:30", 7_200)],
            [Day("2026-07-01", integrated: 15_000), Day("2026-07-02", integrated: 45_000)],
            zone: "Asia/Almaty");

        // 0.5 a millisecond over 3 ms, the first before midnight: 0.5 rounds to 0, the whole 1.5 to 2.
        yield return Case(
            "Power_AcrossMidnight_IsRoundedSinceTheStartOfItsInterval",
            [Power("18:59:59.999", 1_800), Power("19:00:00.002", 1_800)],
            [Day("2026-07-02", integrated: 2)],
            zone: "Asia/Almaty");

        // 3600 mW × 3,600,000 ms, a quarter of it before midnight.
        yield return Case(
            "Hold_AcrossMidnight_SplitsByTime",
            [Power("18:45:00", 3_600), Power("19:45:00", 0)],
            [Day("2026-07-01", estimated: 900_000), Day("2026-07-02", estimated: 2_700_000)],
            zone: "Asia/Almaty",
            options: Hold);

        // From 3600 to 0 over the same hour the whole is 1,800,000; after the first quarter the triangle that remains is 9/16 of it.
        yield return Case(
            "Interpolation_AcrossMidnight_SplitsByArea",
            [Power("18:45:00", 3_600), Power("19:45:00", 0)],
            [Day("2026-07-01", estimated: 787_500), Day("2026-07-02", estimated: 1_012_500)],
            zone: "Asia/Almaty",
            options: Interpolate);

        // An open gap is one gap, on however many days.
        yield return Case(
            "Gap_AcrossMidnights_IsOneGap",
            [Power("2026-07-01 12:00", 3_600), Power("2026-07-04 12:00", 3_600)],
            gaps: [Gap("2026-07-01 12:00", "2026-07-04 12:00")]);

        // Ends and starts on midnight itself: 60,000 before, 60,000 after, nothing shared.
        yield return Case(
            "Reading_AtMidnight_EndsOneDayAndStartsTheNext",
            [Power("18:59:00", 3_600), Power("19:00:00", 3_600), Power("19:01:00", 3_600)],
            [Day("2026-07-01", integrated: 60_000), Day("2026-07-02", integrated: 60_000)],
            zone: "Asia/Almaty");

        // 7 over 60 h from noon: after 12 h 1.4, after 36 h 4.2, after 60 h 7; rounded 1, 4, 7. The fourth day has nothing.
        yield return Case(
            "Register_AfterAnOutageOfDays_SpreadsOverThem",
            [Register("2026-07-01 12:00", 0), Register("2026-07-04 00:00", 7)],
            [Day("2026-07-01", register: 1), Day("2026-07-02", register: 3), Day("2026-07-03", register: 3)]);

        // 5 over two days from midnight: 2.5 rounds to the even 2, and 3 are left. With 3: 1.5 to 2, and 1 is left.
        yield return Case(
            "Register_HalfAtMidnight_RoundsToEven",
            [Register("2026-07-01 00:00", 0), Register("2026-07-03 00:00", 5), Register("2026-07-05 00:00", 8)],
            [
                Day("2026-07-01", register: 2), Day("2026-07-02", register: 3),
                Day("2026-07-03", register: 2), Day("2026-07-04", register: 1),
            ]);

        // The new value is split like any other energy: 9 over 36 h, 12 of them on the first day.
        yield return Case(
            "Reset_AcrossMidnight_SplitsTheNewValue",
            [Register("2026-07-01 12:00", 1_000), Register("2026-07-03 00:00", 9)],
            [Day("2026-07-01", register: 3), Day("2026-07-02", register: 6)],
            events: [Event("2026-07-03 00:00", MeterEventKind.RegisterReset, 1_000, 9)]);

        // Clip and midnight in one interval of 4 ms at 0.5 a millisecond: since the start 0, 0.5, 1, 1.5, 2, rounded 0, 0, 1, 2, 2. Registers
        // at 1 ms and 2 ms, midnight at 3 ms. Before the first register 0 - 0; after the last, on the old day 2 - 1, on the new 2 - 2.
        yield return Case(
            "Power_ClippedAndAcrossMidnight_IsCutAtBoth",
            [
                Power("18:59:59.997", 1_800), Register("18:59:59.998", 10), Register("18:59:59.999", 11),
                Power("19:00:00.001", 1_800),
            ],
            [Day("2026-07-01", register: 1, integrated: 1)],
            zone: "Asia/Almaty");

        // On 2024-03-01 at 00:00 Almaty went from +06:00 back to +05:00: 29 February has 25 hours, from 18:00 to 19:00 UTC.
        // 49 h with 1 µWh an hour.
        yield return Case(
            "Register_OnTheDayAlmatyChangedItsOffset_HasTwentyFiveHours",
            [Register("2024-02-28 18:00", 0), Register("2024-03-01 19:00", 49)],
            [Day("2024-02-29", register: 25), Day("2024-03-01", register: 24)],
            zone: "Asia/Almaty");

        // The repeated hour, 18:00 to 19:00 UTC, shows 23:00 to 24:00 once more: still 29 February, up to its last millisecond.
        yield return Case(
            "Power_InTheRepeatedHourBeforeMidnight_BelongsToTheOldDay",
            [Power("2024-02-29 18:58", 3_600), Power("2024-02-29 19:00", 3_600), Power("2024-02-29 19:01", 3_600)],
            [Day("2024-02-29", integrated: 120_000), Day("2024-03-01", integrated: 60_000)],
            zone: "Asia/Almaty");

        // 2026-03-29 loses an hour: from 23:00 to 22:00 UTC. 47 h with 1 µWh an hour.
        yield return Case(
            "Register_OnTheDayThatLosesAnHour_HasTwentyThree",
            [Register("2026-03-28 23:00", 0), Register("2026-03-30 22:00", 47)],
            [Day("2026-03-29", register: 23), Day("2026-03-30", register: 24)],
            zone: "Europe/Berlin");

        // 2026-10-25 gains one: from 22:00 to 23:00 UTC. 49 h with 1 µWh an hour.
        yield return Case(
            "Register_OnTheDayThatGainsAnHour_HasTwentyFive",
            [Register("2026-10-24 22:00", 0), Register("2026-10-26 23:00", 49)],
            [Day("2026-10-25", register: 25), Day("2026-10-26", register: 24)],
            zone: "Europe/Berlin");

        // On 2018-11-04 the clock in São Paulo went from 00:00 straight to 01:00: that day starts at 03:00 UTC with the wall clock at 01:00 and
        // has 23 hours. 24 h of the day before and 23 with 1 µWh an hour.
        yield return Case(
            "Register_OnADayWithoutMidnight_HasTwentyThreeHours",
            [Register("2018-11-03 03:00", 0), Register("2018-11-05 02:00", 47)],
            [Day("2018-11-03", register: 24), Day("2018-11-04", register: 23)],
            zone: "America/Sao_Paulo");

        // At +05:45 the first 18.25 of the 24 hours are on the old day: 18.25 rounds to 18.
        yield return Case(
            "Register_InAZoneOfQuarterHours_SplitsThere",
            [Register("2026-07-01 00:00", 0), Register("2026-07-02 00:00", 24)],
            [Day("2026-07-01", register: 18), Day("2026-07-02", register: 6)],
            zone: "Asia/Kathmandu");
    }
}
