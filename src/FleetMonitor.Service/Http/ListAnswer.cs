using System.Text;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.OpenApi;

namespace FleetMonitor.Service.Http;

/// <summary>A page of a list, as JSON or as CSV. CSV has no room for <c>next</c>: it stands in the header <c>Link</c> (RFC 8288), in both.</summary>
internal sealed class ListAnswer(IResult json, Action<TextWriter> csv, string? next) : IResult
{
    public Task ExecuteAsync(HttpContext http)
    {
        if (next is not null)
        {
            http.Response.Headers.Link = $"<{http.Request.PathBase}{http.Request.Path}{NextQuery(http.Request, next)}>; rel=\"next\"";
        }

        return Negotiation.WantsCsv(http) ? WriteCsvAsync(http) : json.ExecuteAsync(http);
    }

    private async Task WriteCsvAsync(HttpContext http)
    {
        http.Response.ContentType = $"{Negotiation.Csv}; charset=utf-8";
        using var bytes = new MemoryStream();
        await using (var text = new StreamWriter(bytes, new UTF8Encoding(false), leaveOpen: true))
        {
            csv(text);
        }

        bytes.Position = 0;
        await bytes.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static QueryString NextQuery(HttpRequest request, string next) => new QueryBuilder(
        request.Query.Where(pair => pair.Key != Paging.AfterName).SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value ?? ""))
            .Append(KeyValuePair.Create(Paging.AfterName, next))).ToQueryString();
}

internal static class ListAnswers
{
    /// <param name="answer">The list as JSON, with its rows and its <c>next</c>.</param>
    public static ListAnswer Of<TAnswer, TRow>(TAnswer answer, CsvTable<TRow> table, IEnumerable<TRow> rows, string? next) =>
        new(TypedResults.Ok(answer), output => table.Write(output, rows), next);

    /// <summary>Declares a list that is given as JSON and as CSV with the same rows.</summary>
    /// <param name="columns">Which columns CSV has, in words.</param>
    public static RouteHandlerBuilder ProducesList<TAnswer>(this RouteHandlerBuilder endpoint, string columns) => endpoint
        .Produces<TAnswer>(StatusCodes.Status200OK, Negotiation.Json, Negotiation.Csv)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?["200"] is not OpenApiResponse answer)
            {
                return Task.CompletedTask;
            }

            answer.Content![Negotiation.Csv].Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = $"RFC 4180, a line a row, with {columns}.",
            };
            answer.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Link"] = new OpenApiHeader
                {
                    Description = "Where there is more: the address of the next page, rel=\"next\".",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            };
            return Task.CompletedTask;
        });
}
