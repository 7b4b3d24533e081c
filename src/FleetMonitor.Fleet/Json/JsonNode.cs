using System.Text.Json;

namespace FleetMonitor.Fleet.Json;

/// <summary>A value of a file that is being checked, and the way to it; the path's text is only made for a problem.</summary>
public sealed class JsonNode
{
    private readonly JsonNode? parent;
    private readonly string? name;
    private readonly int index;

    private JsonNode(JsonElement element, JsonNode? parent, string? name, int index)
    {
        Element = element;
        this.parent = parent;
        this.name = name;
        this.index = index;
    }

    public JsonElement Element { get; }

    public string Path
    {
        get
        {
            if (parent is null)
            {
                return "$";
            }

            return name is null ? $"{parent.Path}[{index}]" : parent.PathOf(name);
        }
    }

    public static JsonNode Root(JsonElement element) => new(element, null, null, 0);

    public JsonNode Member(string member, JsonElement value) => new(value, this, member, 0);

    public JsonNode Item(int position, JsonElement value) => new(value, this, null, position);

    /// <summary>The path of a member of this node, whether or not it is there.</summary>
    public string PathOf(string member) =>
        member.Length > 0 && member.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? $"{Path}.{member}"
            : $"{Path}['{member}']";
}
