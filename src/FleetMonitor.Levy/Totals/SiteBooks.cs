using System.Runtime.InteropServices;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>
/// Sums one site's books into rows. Days on which the same facts hold share a slot; slots are rated only when every day is in, because
/// an average price is not known before.
/// </summary>
internal sealed class SiteBooks
{
    private readonly Site? _listed;
    private readonly Site _facts;
    private readonly Charge _charge;
    private readonly TotalsQuery _query;
    private readonly BillingClass _billed;
    private readonly bool _byDevice;
    private readonly bool _byTenant;
    private readonly bool _ratedByTenant;

    private readonly Dictionary<(DateOnly Day, string? Tenant), int> _slotOfDay = [];
    private readonly Dictionary<Slot, int> _slots = [];
    private readonly List<Slot> _slotList = [];
    private readonly Dictionary<SumKey, EnergyByQuality> _sums = [];
    private readonly Dictionary<SumKey, Energy> _byHand = [];
    private readonly Dictionary<DateOnly, Energy> _billedByDay = [];
    private readonly Dictionary<DateOnly, DayShares> _shares = [];

    private SumKey? _lastSumKey;
    private EnergyByQuality _lastSum;
    private string? _lastDevice;
    private Device? _lastListed;
    private BillingClass _lastClass;

    public SiteBooks(string id, Site? site, Charge charge, TotalsQuery query)
    {
        Id = id;
        _listed = site;
        _facts = site ?? new Site { Id = id, TimeZone = TimeZoneInfo.Utc, SelfRegistered = true };
        _charge = charge;
        _query = query;
        _billed = Billing.Billed(site);
        _byDevice = query.Group.HasFlag(TotalsGroup.Device);
        _byTenant = query.Group.HasFlag(TotalsGroup.Tenant);
        _ratedByTenant = charge.Regimes.Any(regime => regime.ByTenant);
    }

    public string Id { get; }

    // Allocating costs a pass over every share of a day: only where the rows, or the rates, tell shares apart.
    private bool Allocates => _billed == BillingClass.ControlMeter && (_byDevice || _byTenant || _ratedByTenant);

    public void Add(in DeviceDay day)
    {
        string device = day.Key.Device;
        if (!ReferenceEquals(device, _lastDevice))
        {
            _lastDevice = device;
            _lastListed = _listed?.Devices.GetValueOrDefault(device);
            _lastClass = Billing.ClassOf(_listed, device);
        }

        string? tenant = _byTenant || _ratedByTenant ? _lastListed?.Tenant.On(day.Day)?.Value : null;
        Add(day.Day, _lastClass, tenant, device, day.Energy);
    }

    public void Add(in SiteDay day) => Add(day.Day, day.Class, day.Tenant, device: null, day.Energy);

    /// <summary>
    /// Energy that a named person entered: beside what was metered, and not shared out. It is rated as its line in the statement is, by the facts of
    /// the site; a period's average price is that of metered energy.
    /// </summary>
    public void AddByHand(PostingDraft entry)
    {
        if (!_query.Holds(entry.Day) || entry.Energy == EnergyByQuality.Zero)
        {
            return;
        }

        string? tenant = _byTenant && entry.Device is { } named ? _listed?.Devices.GetValueOrDefault(named)?.Tenant.On(entry.Day)?.Value : null;
        SumKey key = KeyOf(entry.Day, ratedTenant: null, tenant, entry.Device ?? TotalsRow.WholeSite);
        CollectionsMarshal.GetValueRefOrAddDefault(_sums, key, out _) += entry.Energy;
        CollectionsMarshal.GetValueRefOrAddDefault(_byHand, key, out _) += entry.Energy.Total;
    }

    public IEnumerable<TotalsRow> Rows()
    {
        foreach ((DateOnly day, DayShares shares) in _shares)
        {
            Allocate(day, shares);
        }

        Flush();
        var averages = new Dictionary<TaxPeriod, decimal?>();
        var rows = new Dictionary<RowKey, TotalsRow>();
        foreach ((SumKey sum, EnergyByQuality energy) in _sums)
        {
            Slot slot = _slotList[sum.Slot];
            decimal? average = slot.Regime.ByAveragePrice ? Average(slot.Period, averages) : null;
            RateLine line = Rating.Rate(_charge, slot.Regime, slot.Facts, average);
            var key = new RowKey(slot.Period, sum.Day, sum.Tenant, sum.Device, line.Code, line.PerKwh);
            TotalsRow row = Row(key, line, energy, _byHand.TryGetValue(sum, out Energy byHand) ? byHand : null);
            rows[key] = rows.TryGetValue(key, out TotalsRow? same) ? Merged(same, row) : row;
        }

        return rows.Values
            .OrderBy(row => row.Period).ThenBy(row => row.Day)
            .ThenBy(row => row.Tenant == TotalsRow.Residual).ThenBy(row => row.Tenant, StringComparer.Ordinal)
            .ThenBy(row => row.Device == TotalsRow.Residual).ThenBy(row => row.Device, StringComparer.Ordinal)
            .ThenBy(row => row.RateCode, StringComparer.Ordinal).ThenBy(row => row.PerKwh);
    }

    private void Add(DateOnly day, BillingClass @class, string? tenant, string? device, in EnergyByQuality energy)
    {
        if (@class == _billed)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_billedByDay, day, out _) += energy.Total;
        }

        if (!_query.Holds(day))
        {
            return;
        }

        if (Allocates)
        {
            if (!_shares.TryGetValue(day, out DayShares? shares))
            {
                shares = new DayShares();
                _shares.Add(day, shares);
            }

            shares.Add(@class, tenant, _byDevice ? device : null, energy);
        }
        else if (@class == _billed)
        {
            Sum(day, tenant, tenant, device, energy);
        }
    }

    private void Allocate(DateOnly day, DayShares shares)
    {
        var allocation = new Allocation(shares.Control, shares.Metered);
        foreach ((string? tenant, string? device, Energy metered) in shares.InOrder())
        {
            Sum(day, tenant, tenant, device, allocation.Next(metered));
        }

        Sum(day, ratedTenant: null, TotalsRow.Residual, TotalsRow.Residual, allocation.Residual());
    }

    private void Sum(DateOnly day, string? ratedTenant, string? tenant, string? device, in EnergyByQuality energy)
    {
        SumKey key = KeyOf(day, ratedTenant, tenant, device);
        if (key == _lastSumKey)
        {
            _lastSum += energy;
            return;
        }

        Flush();
        (_lastSumKey, _lastSum) = (key, energy);
    }

    private SumKey KeyOf(DateOnly day, string? ratedTenant, string? tenant, string? device) => new(
        _query.Group.HasFlag(TotalsGroup.Day) ? day : null,
        _byTenant ? tenant : null,
        _byDevice ? device : null,
        SlotOf(day, _ratedByTenant ? ratedTenant : null));

    /// <summary>A device's days come one after another, and mostly add to one row: it is looked up when the next one's come.</summary>
    private void Flush()
    {
        if (_lastSumKey is { } key)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sums, key, out _) += _lastSum;
            _lastSumKey = null;
        }
    }

    private int SlotOf(DateOnly day, string? tenant)
    {
        if (!_slotOfDay.TryGetValue((day, tenant), out int index))
        {
            var slot = new Slot(TaxPeriod.Of(day), _charge.RegimeOn(day), RateFacts.Of(_facts, day, tenant));
            if (!_slots.TryGetValue(slot, out index))
            {
                index = _slotList.Count;
                _slotList.Add(slot);
                _slots.Add(slot, index);
            }

            _slotOfDay.Add((day, tenant), index);
        }

        return index;
    }

    private decimal? Average(TaxPeriod period, Dictionary<TaxPeriod, decimal?> known)
    {
        if (!known.TryGetValue(period, out decimal? average))
        {
            average = AveragePrice.Of(
                _facts, _charge, _billedByDay.Where(day => period.Contains(day.Key)).Select(day => (day.Key, day.Value)));
            known.Add(period, average);
        }

        return average;
    }

    private TotalsRow Row(RowKey key, RateLine line, EnergyByQuality energy, Energy? byHand) => new()
    {
        Site = Id,
        Period = key.Period,
        Day = key.Day,
        Device = key.Device,
        Tenant = key.Tenant,
        RateCode = line.Code,
        PerKwh = line.PerKwh,
        LegalRef = line.LegalRef,
        Currency = line.Currency,
        Energy = energy,
        ByHand = byHand,
        Unconfirmed = line.Unconfirmed,
        Reasons = line.Reasons,
        Provisional = line.ByAveragePrice && _query.Today is { } today && today < key.Period.End,
    };

    private static TotalsRow Merged(TotalsRow left, TotalsRow right) => left with
    {
        Energy = left.Energy + right.Energy,
        ByHand = left.ByHand is { } one && right.ByHand is { } other ? one + other : left.ByHand ?? right.ByHand,
        Unconfirmed = Union(left.Unconfirmed, right.Unconfirmed),
        Reasons = Union(left.Reasons, right.Reasons),
        Provisional = left.Provisional || right.Provisional,
    };

    private static string[] Union(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        [.. left.Union(right).Order(StringComparer.Ordinal)];

    private sealed record Slot(TaxPeriod Period, Regime Regime, RateFacts Facts)
    {
        // A regime is one object of one schedule: its identity is enough, and comparing its rules would cost far more.
        public bool Equals(Slot? other) =>
            other is not null && Period == other.Period && ReferenceEquals(Regime, other.Regime) && Facts == other.Facts;

        public override int GetHashCode() => HashCode.Combine(Period, Facts);
    }

    private readonly record struct SumKey(DateOnly? Day, string? Tenant, string? Device, int Slot);

    private readonly record struct RowKey(
        TaxPeriod Period, DateOnly? Day, string? Tenant, string? Device, string Code, decimal? PerKwh);

    /// <summary>One day of a site billed by control meter: the whole, and who metered a share of it.</summary>
    private sealed class DayShares
    {
        private readonly List<(string? Tenant, string? Device, Energy Metered)> _metered = [];

        public EnergyByQuality Control { get; private set; }

        public Energy Metered { get; private set; }

        public void Add(BillingClass @class, string? tenant, string? device, in EnergyByQuality energy)
        {
            if (@class == BillingClass.ControlMeter)
            {
                Control += energy;
            }
            else if (@class == BillingClass.Metered)
            {
                Metered += energy.Total;
                _metered.Add((tenant, device, energy.Total));
            }
        }

        /// <summary>By tenant, then device: an order that does not depend on arrival, and that keeps each tenant's shares together.</summary>
        public IEnumerable<(string? Tenant, string? Device, Energy Metered)> InOrder()
        {
            _metered.Sort(static (left, right) =>
            {
                int byTenant = string.CompareOrdinal(left.Tenant, right.Tenant);
                return byTenant != 0 ? byTenant : string.CompareOrdinal(left.Device, right.Device);
            });
            return _metered;
        }
    }
}
