using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Http;

/// <summary>The columns of a list as a table for a spreadsheet. A nested member's column carries the names of both, as <c>rateCode</c>.</summary>
internal sealed class CsvTable<T>
{
    private readonly List<(string Name, Action<CsvWriter, T> Write)> _columns = [];

    /// <summary>For the description.</summary>
    public string Columns => $"the columns {string.Join(", ", _columns.Select(column => column.Name))}";

    public CsvTable<T> Text(string name, Func<T, string?> cell) => Add(name, (csv, row) => csv.Text(cell(row)));

    public CsvTable<T> Number(string name, Func<T, decimal?> cell) => Add(name, (csv, row) => csv.Number(cell(row)));

    public CsvTable<T> Day(string name, Func<T, DateOnly?> cell) =>
        Add(name, (csv, row) => csv.Text(cell(row)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));

    public CsvTable<T> Time(string name, Func<T, Instant?> cell) => Add(name, (csv, row) => csv.Text(cell(row)?.ToString()));

    /// <summary>The columns of a part that each row has.</summary>
    /// <param name="prefix">What the part is called, where a row has several like it: <c>today</c> makes <c>todayEnergyKwh</c>.</param>
    public CsvTable<T> Part<TPart>(CsvTable<TPart> part, Func<T, TPart> of, string? prefix = null)
    {
        foreach ((string name, Action<CsvWriter, TPart> write) in part._columns)
        {
            Add(prefix is null ? name : prefix + char.ToUpperInvariant(name[0]) + name[1..], (csv, row) => write(csv, of(row)));
        }

        return this;
    }

    public void Write(TextWriter output, IEnumerable<T> rows)
    {
        var csv = new CsvWriter(output);
        foreach ((string name, _) in _columns)
        {
            csv.Text(name);
        }

        csv.EndRow();
        foreach (T row in rows)
        {
            foreach ((_, Action<CsvWriter, T> write) in _columns)
            {
                write(csv, row);
            }

            csv.EndRow();
        }
    }

    private CsvTable<T> Add(string name, Action<CsvWriter, T> write)
    {
        _columns.Add((name, write));
        return this;
    }
}
