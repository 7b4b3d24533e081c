using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>
/// Writes tables as an Office Open XML workbook (ECMA-376), a sheet each: texts are inline, numbers and dates are typed. The same tables
/// always give the same bytes. A spreadsheet holds numbers to 15 digits; the JSON export holds every digit.
/// </summary>
public static class XlsxWriter
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string PackageRelationships = "http://schemas.openxmlformats.org/package/2006/relationships";
    private const string ContentTypes = "http://schemas.openxmlformats.org/package/2006/content-types";
    private const int MaxCellText = 32_767;
    private const string HeadingStyle = "1";
    private const string DateStyle = "2";

    // The day that spreadsheets count from, such that days since March 1900 come out right.
    private static readonly DateOnly DayZero = new(1899, 12, 30);

    // Zip entries carry a time; a fixed one keeps the bytes a function of the tables.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(Stream output, params IReadOnlyList<Table> tables)
    {
        using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        Part(zip, "[Content_Types].xml", xml => WriteContentTypes(xml, tables.Count));
        Part(zip, "_rels/.rels", xml => WriteRelationships(xml, [("officeDocument", "xl/workbook.xml")]));
        Part(zip, "xl/workbook.xml", xml => WriteWorkbook(xml, tables));
        Part(zip, "xl/_rels/workbook.xml.rels", xml => WriteRelationships(
            xml, [.. tables.Select((_, i) => ("worksheet", $"worksheets/sheet{i + 1}.xml")), ("styles", "styles.xml")]));
        Part(zip, "xl/styles.xml", WriteStyles);
        for (int i = 0; i < tables.Count; i++)
        {
            Table table = tables[i];
            Part(zip, $"xl/worksheets/sheet{i + 1}.xml", xml => WriteSheet(xml, table));
        }
    }

    private static void Part(ZipArchive zip, string path, Action<XmlWriter> write)
    {
        ZipArchiveEntry entry = zip.CreateEntry(path);
        entry.LastWriteTime = EntryTime;
        using Stream stream = entry.Open();
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false) });
        xml.WriteStartDocument(standalone: true);
        write(xml);
    }

    private static void WriteContentTypes(XmlWriter xml, int sheets)
    {
        const string prefix = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
        xml.WriteStartElement("Types", ContentTypes);
        Default("rels", "application/vnd.openxmlformats-package.relationships+xml");
        Default("xml", "application/xml");
        Override("/xl/workbook.xml", prefix + "sheet.main+xml");
        Override("/xl/styles.xml", prefix + "styles+xml");
        for (int i = 1; i <= sheets; i++)
        {
            Override($"/xl/worksheets/sheet{i}.xml", prefix + "worksheet+xml");
        }

        xml.WriteEndElement();

        void Default(string extension, string type) => Element(xml, "Default", ("Extension", extension), ("ContentType", type));
        void Override(string part, string type) => Element(xml, "Override", ("PartName", part), ("ContentType", type));
    }

    private static void WriteRelationships(XmlWriter xml, IReadOnlyList<(string Type, string Target)> targets)
    {
        xml.WriteStartElement("Relationships", PackageRelationships);
        for (int i = 0; i < targets.Count; i++)
        {
            Element(xml, "Relationship", ("Id", $"rId{i + 1}"), ("Type", $"{Relationships}/{targets[i].Type}"), ("Target", targets[i].Target));
        }

        xml.WriteEndElement();
    }

    private static void WriteWorkbook(XmlWriter xml, IReadOnlyList<Table> tables)
    {
        xml.WriteStartElement("workbook", Main);
        xml.WriteAttributeString("xmlns", "r", null, Relationships);
        xml.WriteStartElement("sheets");
        for (int i = 0; i < tables.Count; i++)
        {
            xml.WriteStartElement("sheet");
            xml.WriteAttributeString("name", tables[i].Key);
            xml.WriteAttributeString("sheetId", (i + 1).ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("id", Relationships, $"rId{i + 1}");
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    // Three cell formats: plain, bold for headings, and the built-in date format 14.
    private static void WriteStyles(XmlWriter xml)
    {
        xml.WriteStartElement("styleSheet", Main);
        xml.WriteRaw(
            "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
            + "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>"
            + "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
            + "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
            + "<cellXfs count=\"3\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>"
            + "<xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>"
            + "<xf numFmtId=\"14\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/></cellXfs>");
        xml.WriteEndElement();
    }

    private static void WriteSheet(XmlWriter xml, Table table)
    {
        xml.WriteStartElement("worksheet", Main);
        xml.WriteStartElement("sheetData");
        WriteRow(xml, 1, [.. table.Columns.Select(column => (Cell)$"{column.Ru} / {column.En}")], HeadingStyle);
        for (int i = 0; i < table.Rows.Count; i++)
        {
            WriteRow(xml, i + 2, table.Rows[i], textStyle: null);
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteRow(XmlWriter xml, int number, IReadOnlyList<Cell> cells, string? textStyle)
    {
        string row = number.ToString(CultureInfo.InvariantCulture);
        xml.WriteStartElement("row");
        xml.WriteAttributeString("r", row);
        for (int i = 0; i < cells.Count; i++)
        {
            WriteCell(xml, ColumnName(i) + row, cells[i], textStyle);
        }

        xml.WriteEndElement();
    }

    private static void WriteCell(XmlWriter xml, string reference, Cell cell, string? textStyle)
    {
        if (cell == default)
        {
            return;
        }

        xml.WriteStartElement("c");
        xml.WriteAttributeString("r", reference);
        if (cell.Number is { } number)
        {
            xml.WriteElementString("v", Money.Text(number));
        }
        else if (cell.Date is { } date)
        {
            xml.WriteAttributeString("s", DateStyle);
            xml.WriteElementString("v", (date.DayNumber - DayZero.DayNumber).ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            WriteText(xml, cell.Text!, textStyle);
        }

        xml.WriteEndElement();
    }

    private static void WriteText(XmlWriter xml, string text, string? style)
    {
        if (style is not null)
        {
            xml.WriteAttributeString("s", style);
        }

        xml.WriteAttributeString("t", "inlineStr");
        xml.WriteStartElement("is");
        xml.WriteStartElement("t");
        xml.WriteAttributeString("xml", "space", null, "preserve");
        xml.WriteString(Printable(text));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    // XML cannot carry control characters or halves of surrogate pairs, not even escaped.
    private static string Printable(string text)
    {
        var printable = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool allowed = rune.Value >= 0x20 ? rune.Value is not (0xFFFE or 0xFFFF) : rune.Value is '\t' or '\n' or '\r';
            printable.Append(allowed ? rune.ToString() : "\uFFFD");
            if (printable.Length >= MaxCellText)
            {
                printable.Length = MaxCellText - 1;
                return printable.Append('…').ToString();
            }
        }

        return printable.ToString();
    }

    private static string ColumnName(int index) =>
        index < 26 ? ((char)('A' + index)).ToString() : ColumnName((index / 26) - 1) + ColumnName(index % 26);

    private static void Element(XmlWriter xml, string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        xml.WriteStartElement(name);
        foreach ((string attribute, string value) in attributes)
        {
            xml.WriteAttributeString(attribute, value);
        }

        xml.WriteEndElement();
    }
}
