using System.Globalization;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>Holds books against the truth, and says in a line each where they differ.</summary>
internal static class BooksAgainstTruth
{
    /// <summary>
    /// Devices with registers: from the first to the last published register to the last unit; each local day to within what was drawn in the
    /// interval that crosses its midnight. Empty where all agree.
    /// </summary>
    public static IReadOnlyList<string> RegisterProblems(Books books, TruthFile truth)
    {
        var problems = new List<string>();
        foreach ((string device, IReadOnlyList<TruthOfDay> days) in truth.Devices)
        {
            List<TruthOfDay> withRegister = [.. days.Where(day => day.FirstRegister is not null)];
            if (withRegister.Count == 0)
            {
                continue;
            }

            decimal whole = withRegister[^1].LastRegister!.Value - withRegister[0].FirstRegister!.Value;
            if (books.Of(device).Register != whole)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{device}: books {books.Of(device).Register}, truth {whole}"));
            }

            for (int i = 0; i < withRegister.Count; i++)
            {
                TruthOfDay day = withRegister[i];
                decimal least = day.LastRegister!.Value - day.FirstRegister!.Value;
                decimal before = i == 0 ? 0 : day.FirstRegister.Value - withRegister[i - 1].LastRegister!.Value;
                decimal after = i == withRegister.Count - 1 ? 0 : withRegister[i + 1].FirstRegister!.Value - day.LastRegister.Value;
                decimal booked = books.Of(device, day.Day).Register;
                if (booked < least || booked > least + before + after)
                {
                    problems.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{device} {day.Day:yyyy-MM-dd}: books {booked}, truth {least} to {least + before + after}"));
                }
            }
        }

        return problems;
    }

    /// <summary>Energy of all devices that published no register: the books' share of the truth's, and how many devices that are.</summary>
    public static (decimal Ratio, int Devices) IntegratedRatio(Books books, TruthFile truth)
    {
        (string Device, IReadOnlyList<TruthOfDay> Days)[] integrated =
            [.. truth.Devices.Where(device => device.Days.All(day => day.FirstRegister is null))];
        decimal drawn = integrated.Sum(device => device.Days.Sum(day => day.Energy));
        return drawn == 0 ? (0, 0) : (integrated.Sum(device => books.Of(device.Device).Integrated) / drawn, integrated.Length);
    }
}
