using System.Collections.Frozen;
using System.Text.Json;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// Reads the file of option <c>Access:File</c> (a sample is <c>config/access.json</c>), strictly. Hashes are no secrets worth much, and are
/// not shown in problems all the same.
/// </summary>
public static class AccessFile
{
    private static readonly string[] Roles = ["viewer", "operator", "finance"];

    public static Parsed<AccessList> Parse(ReadOnlyMemory<byte> utf8, string source)
    {
        var problems = new ProblemList(source);
        using JsonDocument? document = problems.Open(utf8);
        AccessList? list = document is null ? null : Read(JsonNode.Root(document.RootElement), problems);
        return list is not null && problems.IsEmpty ? Parsed<AccessList>.Of(list) : Parsed<AccessList>.Failed(problems.Problems);
    }

    private static AccessList? Read(JsonNode root, ProblemList problems)
    {
        if (JsonObjectReader.Open(root, problems, "publish", "subscribe", "users", "keys", "revoked") is not { } reader)
        {
            return null;
        }

        IReadOnlyList<TopicPattern> publish = Topics(reader, "publish", AccessList.Empty.Publish, problems);
        IReadOnlyList<TopicPattern> subscribe = Topics(reader, "subscribe", [], problems);
        var users = new Dictionary<string, ListenerUser>();
        foreach (JsonNode node in reader.Items("users"))
        {
            if (ReadUser(node, publish, subscribe, problems) is { } user && !users.TryAdd(user.Name, user))
            {
                problems.Add(node.PathOf("name"), null, $"the user {user.Name} stands here twice", "keep one of them");
            }
        }

        List<ApiKeySettings> keys = [.. reader.Items("keys").Select(node => ReadKey(node, problems)).OfType<ApiKeySettings>()];
        return new AccessList(users.ToFrozenDictionary(), publish, subscribe, keys, Revoked(reader, problems));
    }

    private static RevokedCertificates Revoked(JsonObjectReader reader, ProblemList problems)
    {
        var revoked = new List<string>();
        foreach (JsonNode node in reader.Items("revoked"))
        {
            if (node.Element.ValueKind == JsonValueKind.String && RevokedCertificates.TryParse(node.Element.GetString()!) is { } entry)
            {
                revoked.Add(entry);
            }
            else
            {
                problems.Add(node, "neither a serial number nor a fingerprint", "write what 'openssl x509 -noout -serial' or '-fingerprint -sha256' prints");
            }
        }

        return RevokedCertificates.Of(revoked);
    }

    private static ListenerUser? ReadUser(
        JsonNode node, IReadOnlyList<TopicPattern> publish, IReadOnlyList<TopicPattern> subscribe, ProblemList problems)
    {
        if (JsonObjectReader.Open(node, problems, "name", "password", "disabled", "publish", "subscribe") is not { } reader)
        {
            return null;
        }

        reader.Require("name", "write the user's name, or the common name of its certificate");
        PasswordHash? password = null;
        if (reader.Text("password") is { } text && (password = PasswordHash.TryParse(text)) is null)
        {
            problems.Add(node.PathOf("password"), null, $"not of the form {PasswordHash.Form}", "let 'fleetmonitor hash password' make it");
        }

        IReadOnlyList<TopicPattern> publishes = Topics(reader, "publish", publish, problems);
        IReadOnlyList<TopicPattern> subscribes = Topics(reader, "subscribe", subscribe, problems);
        if (reader.Text("name") is not { } name)
        {
            return null;
        }

        if (!TopicPattern.IsOneLevel(name) && publishes.Concat(subscribes).FirstOrDefault(pattern => pattern.NamesUser) is { } pattern)
        {
            problems.Add(
                node.PathOf("name"),
                JsonSerializer.Serialize(name),
                $"is no level of a topic, and stands for %u in {pattern}",
                "write a name without / + # and control characters, or give the user publish and subscribe topics without %u");
        }

        return new ListenerUser(name, password, reader.Flag("disabled", otherwise: false), publishes, subscribes);
    }

    private static ApiKeySettings? ReadKey(JsonNode node, ProblemList problems)
    {
        if (JsonObjectReader.Open(node, problems, "name", "role", "sha256") is not { } reader)
        {
            return null;
        }

        reader.Require("name", "name the person or program that holds the key");
        reader.Require("role", $"use one of {string.Join(", ", Roles)}");
        reader.Require("sha256", ApiKeySettings.HashFix);
        string? role = reader.Text("role");
        if (role is not null && !Roles.Contains(role))
        {
            problems.Add(node.PathOf("role"), role, "not a known value", $"use one of {string.Join(", ", Roles)}");
        }

        string? hash = reader.Text("sha256")?.ToLowerInvariant();
        if (hash is not null && !ApiKeySettings.IsHash(hash))
        {
            problems.Add(node.PathOf("sha256"), null, "not a SHA-256 hash", ApiKeySettings.HashFix);
        }

        return reader.Text("name") is { } name && role is not null && hash is not null ? new ApiKeySettings(name, role, hash) : null;
    }

    private static IReadOnlyList<TopicPattern> Topics(
        JsonObjectReader reader, string name, IReadOnlyList<TopicPattern> otherwise, ProblemList problems)
    {
        if (reader.Find(name) is null)
        {
            return otherwise;
        }

        var topics = new List<TopicPattern>();
        foreach (JsonNode node in reader.Items(name))
        {
            if (node.Element.ValueKind == JsonValueKind.String && TopicPattern.TryParse(node.Element.GetString()!) is { } pattern)
            {
                topics.Add(pattern);
            }
            else
            {
                problems.Add(node, "not a topic filter", "write one such as fleet/+/%u/#; %u is the user's name, %c the client id");
            }
        }

        return topics;
    }
}
