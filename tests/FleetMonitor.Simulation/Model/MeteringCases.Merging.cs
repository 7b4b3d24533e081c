using static FleetMonitor.Simulation.Model.CaseWords;

namespace FleetMonitor.Simulation.Model;

/// <summary>S2 and S3: the books are a function of the set; what one time holds is one reading.</summary>
public static partial class MeteringCases
{
    private static IEnumerable<MeteringCase> MergingCases()
    {
        yield return Case("NoReadings_Ever_HaveEmptyBooks", []);

        yield return Case("OneReading_Alone_MakesNoEnergy", [Both("10:00:00", 3_600, 123_456)]);

        // 3600 mW for 60,000 ms, twice: 120,000. Read in order the times are 10:00, 10:01, 10:02.
        yield return Case(
            "Readings_OutOfOrder_AreMeteredInOrderOfTime",
            [Power("10:02:00", 3_600), Power("10:00:00", 3_600), Power("10:01:00", 3_600)],
            OnTheDay(integrated: 120_000));

        yield return Case(
            "Reading_Repeated_IsADuplicateWithoutAnEvent",
            [Power("10:00:00", 3_600), Power("10:01:00", 3_600), Power("10:01:00", 3_600), Power("10:00:00", 3_600)],
            OnTheDay(integrated: 60_000));

        // At 10:01 the greater, 7200, counts: (3600 + 7200) × 60,000 ÷ 7200 = 90,000.
        yield return Case(
            "Power_OfTwoValuesAtOneTime_TheGreatestCountsAndConflicts",
            [Power("10:00:00", 3_600), Power("10:01:00", 7_200), Power("10:01:00", 3_600)],
            OnTheDay(integrated: 90_000),
            events: [Conflict("10:01:00")]);

        // Pairwise there are two or three disagreements; there is one time at which messages disagree.
        yield return Case(
            "Power_OfTwoValuesInThreeMessages_ConflictsOnce",
            [Power("10:00:00", 3_600), Power("10:01:00", 3_600), Power("10:01:00", 7_200), Power("10:01:00", 3_600)],
            OnTheDay(integrated: 90_000),
            events: [Conflict("10:01:00")]);

        // Greatest of the registers: 1500 - 1000. Power between registers adds nothing.
        yield return Case(
            "Fields_OfOneTimeInSeveralMessages_MergeFieldByField",
            [Power("10:00:00", 3_600), Register("10:00:00", 1_000), Power("10:01:00", 0), Register("10:01:00", 1_500), Register("10:01:00", 1_400)],
            OnTheDay(register: 500),
            events: [Conflict("10:01:00")]);

        yield return Case(
            "HashRate_OfTwoValuesAtOneTime_ConflictsThoughItMakesNoEnergy",
            [Hash("10:00:00", 1), Hash("10:00:00", 2)],
            events: [Conflict("10:00:00")]);

        // Merged, 10:01 is 7200 mW and the register, though each came in two forms: no field has two values.
        yield return Case(
            "Message_WithMoreFieldsThanTheOther_DoesNotConflict",
            [Both("10:00:00", 3_600, 0), Both("10:01:00", 3_600, 40_000), Register("10:01:00", 40_000), Hash("10:01:00", 5)],
            OnTheDay(register: 40_000));
    }
}
