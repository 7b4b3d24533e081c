using FleetMonitor.Fleet.Units;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetMonitor.Service.Http;

/// <summary>One parameter of a query string, for the description and for telling a slip of the pen.</summary>
internal sealed record QueryParameter(string Name, string Description);

/// <summary>What <c>/openapi/v1.json</c> says beside what the endpoints say of themselves.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "FleetMonitor";
            document.Info.Description =
                "Metered energy, levy and state of a mining fleet. Energy is in kWh and money in whole currency units, both exact decimals; "
                + "days are local dates of the site. Errors are problem details (RFC 9457).";
            document.Servers?.Clear();
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Type type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            JsonSchemaType absent = type == context.JsonTypeInfo.Type ? 0 : JsonSchemaType.Null;
            if (type == typeof(decimal))
            {
                schema.Type = JsonSchemaType.Number | absent;
            }
            else if (type == typeof(Instant))
            {
                schema.Type = JsonSchemaType.String | absent;
                schema.Format = "date-time";
                schema.Properties?.Clear();
                schema.Required?.Clear();
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Declares the query parameters that an endpoint takes: they are described, and any other is refused by name.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, params QueryParameter[] parameters) => endpoint
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (QueryParameter parameter in parameters)
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = parameter.Name,
                    In = ParameterLocation.Query,
                    Description = parameter.Description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            return Task.CompletedTask;
        })
        .AddEndpointFilter(async (invocation, next) =>
        {
            var query = new QueryReader(invocation.HttpContext.Request.Query);
            query.RefuseUnknown(parameters);
            return query.Refusal is { } refusal ? refusal : await next(invocation);
        })
        .ProducesProblem(StatusCodes.Status400BadRequest);
}
