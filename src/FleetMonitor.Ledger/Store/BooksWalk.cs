using System.Security.Cryptography;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>The first device-day that its postings do not sum to, and the first site and day that its accounts do not.</summary>
/// <param name="Posting">Device and site are null for one that is not listed.</param>
public sealed record UnevenBooks((string? Site, string? Device, DateOnly Day)? Posting, (string Site, DateOnly Day)? Account);

/// <summary>
/// Holds all device-days against their postings and accounts in one walk over each. Device-days and postings come in different orders, and a
/// full site has millions of each: so every day is summed with random weights by device and quality, which only equal books survive, and the
/// device is looked for only on a day that is off.
/// </summary>
internal sealed class BooksWalk(SqliteConnection connection, IReadOnlyDictionary<int, DeviceKey> devices)
{
    private readonly ulong _key = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private readonly SortedDictionary<int, Int128> _days = [];
    private readonly Dictionary<(string Site, int Day), EnergyByQuality> _accounts = [];
    private readonly HashSet<(int Device, int Day)> _due = [];

    /// <param name="pages">All pages; enumerated again where a day is off.</param>
    public UnevenBooks Run(IEnumerable<PostingPage> pages)
    {
        foreach ((int device, int day) in Pairs("SELECT device, day FROM due_day"))
        {
            _due.Add((device, day));
        }

        foreach (PostingPage page in pages)
        {
            foreach (PageLine line in page.Lines)
            {
                Weigh(line.Device, line.Day.DayNumber, EnergyByQuality.Zero - line.Energy);
            }
        }

        WalkDeviceDays();
        (string?, string?, DateOnly)? posting = null;
        foreach ((int day, Int128 sum) in _days)
        {
            if (sum != 0)
            {
                posting = DeviceOff(day, pages);
                break;
            }
        }

        return new UnevenBooks(posting, AccountOff());
    }

    private void WalkDeviceDays()
    {
        using var days = new IntegerQuery(connection, "SELECT device, day, register, integrated, estimated FROM device_day");
        days.Start();
        int device = -1;
        string? site = null;
        while (days.Next())
        {
            if ((int)days[0] is var id && id != device)
            {
                (device, site) = (id, devices.TryGetValue(id, out DeviceKey key) ? key.Site : null);
            }

            int day = (int)days[1];
            var energy = new EnergyByQuality(new Energy(days[2]), new Energy(days[3]), new Energy(days[4]));
            Weigh(device, day, energy);
            if (site is not null)
            {
                _accounts[(site, day)] = _accounts.GetValueOrDefault((site, day)) + energy;
            }
        }
    }

    private void Weigh(int device, int day, in EnergyByQuality energy)
    {
        if (_due.Count > 0 && _due.Contains((device, day)))
        {
            return;
        }

        unchecked
        {
            ulong place = _key + (((ulong)(uint)device << 32) | (uint)day);
            _days[day] = _days.GetValueOrDefault(day)
                + ((Int128)Mixed(place) * energy.Register.MicrowattHours)
                + ((Int128)Mixed(place ^ 0x5555_5555_0000_0000) * energy.Integrated.MicrowattHours)
                + ((Int128)Mixed(place ^ 0xAAAA_AAAA_0000_0000) * energy.Estimated.MicrowattHours);
        }
    }

    /// <summary>The finalizer of SplitMix64: each bit of the result hangs on each bit of the value.</summary>
    private static ulong Mixed(ulong value)
    {
        unchecked
        {
            value += 0x9E37_79B9_7F4A_7C15;
            value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
            value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
            return value ^ (value >> 31);
        }
    }

    private (string?, string?, DateOnly) DeviceOff(int day, IEnumerable<PostingPage> pages)
    {
        var left = new SortedDictionary<int, EnergyByQuality>();
        using (var days = new IntegerQuery(connection, "SELECT device, register, integrated, estimated FROM device_day WHERE day = ?1"))
        {
            days.Start(day);
            while (days.Next())
            {
                left[(int)days[0]] = new EnergyByQuality(new Energy(days[1]), new Energy(days[2]), new Energy(days[3]));
            }
        }

        foreach (PageLine line in pages.SelectMany(page => page.Lines).Where(line => line.Day.DayNumber == day))
        {
            left[line.Device] = left.GetValueOrDefault(line.Device) - line.Energy;
        }

        int device = left.First(entry => entry.Value != EnergyByQuality.Zero && !_due.Contains((entry.Key, day))).Key;
        bool listed = devices.TryGetValue(device, out DeviceKey key);
        return (listed ? key.Site : null, listed ? key.Device : null, DateOnly.FromDayNumber(day));
    }

    private (string, DateOnly)? AccountOff()
    {
        using var accounts = new ReadStatement(
            connection, "SELECT site, day, sum(register), sum(integrated), sum(estimated) FROM account_day GROUP BY site, day");
        foreach ((string site, int day, EnergyByQuality energy) in accounts.Query(
                     row => (row.GetString(0), row.GetInt32(1), PostingQueries.Energy(row, 2))))
        {
            _accounts[(site, day)] = _accounts.GetValueOrDefault((site, day)) - energy;
        }

        return _accounts.Where(account => account.Value != EnergyByQuality.Zero)
            .OrderBy(account => account.Key.Day).ThenBy(account => account.Key.Site, StringComparer.Ordinal)
            .Select(account => ((string, DateOnly)?)(account.Key.Site, DateOnly.FromDayNumber(account.Key.Day))).FirstOrDefault();
    }

    private IEnumerable<(int, int)> Pairs(string sql)
    {
        using var statement = new IntegerQuery(connection, sql);
        statement.Start();
        while (statement.Next())
        {
            yield return ((int)statement[0], (int)statement[1]);
        }
    }
}
