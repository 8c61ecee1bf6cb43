using System.Text.Json;

namespace MessagingModels.Comparison.Tests.Reporting;

/// <summary>
/// Checks JSON against the keywords of JSON Schema (2020-12) that the report's schema uses: $ref, type, const, enum, anyOf, required,
/// properties, additionalProperties, items, minItems, minimum, maximum. A keyword that it does not know is an error.
/// </summary>
internal sealed class JsonSchema(JsonElement root)
{
    private static readonly HashSet<string> Known =
    [
        "$schema", "$ref", "$defs", "title", "description", "format", "type", "const", "enum", "anyOf", "required", "properties",
        "additionalProperties", "items", "minItems", "minimum", "maximum",
    ];

    /// <returns>What is wrong, with the place; none where the value is valid.</returns>
    public IReadOnlyList<string> Validate(JsonElement value)
    {
        List<string> errors = [];
        Validate(root, value, "$", errors);
        return errors;
    }

    private void Validate(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject().Where(static keyword => !Known.Contains(keyword.Name)))
            errors.Add($"{path}: the schema has keyword {keyword.Name}, which this check does not know");
        if (schema.TryGetProperty("$ref", out JsonElement reference))
            Validate(Resolve(reference.GetString()!), value, path, errors);
        if (schema.TryGetProperty("const", out JsonElement constant) && !JsonElement.DeepEquals(constant, value))
            errors.Add($"{path}: {value} is not {constant}");
        if (schema.TryGetProperty("enum", out JsonElement options) && !options.EnumerateArray().Any(option => JsonElement.DeepEquals(option, value)))
            errors.Add($"{path}: {value} is none of {options}");
        if (schema.TryGetProperty("anyOf", out JsonElement any) && !any.EnumerateArray().Any(option => IsValid(option, value)))
            errors.Add($"{path}: {value} fits none of the alternatives");
        if (schema.TryGetProperty("type", out JsonElement type) && !Types(type).Any(name => HasType(value, name)))
            errors.Add($"{path}: {value.ValueKind} is not {type}");
        ValidateNumber(schema, value, path, errors);
        ValidateArray(schema, value, path, errors);
        ValidateObject(schema, value, path, errors);
    }

    private bool IsValid(JsonElement schema, JsonElement value)
    {
        List<string> errors = [];
        Validate(schema, value, "", errors);
        return errors.Count == 0;
    }

    private JsonElement Resolve(string reference)
        => reference.TrimStart('#', '/').Split('/').Aggregate(root, static (element, name) => element.GetProperty(name));

    private static IEnumerable<string> Types(JsonElement type)
        => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(static name => name.GetString()!) : [type.GetString()!];

    private static bool HasType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() == Math.Truncate(value.GetDouble()),
        _ => false,
    };

    private static void ValidateNumber(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return;
        if (schema.TryGetProperty("minimum", out JsonElement minimum) && value.GetDouble() < minimum.GetDouble())
            errors.Add($"{path}: {value} is below {minimum}");
        if (schema.TryGetProperty("maximum", out JsonElement maximum) && value.GetDouble() > maximum.GetDouble())
            errors.Add($"{path}: {value} is above {maximum}");
    }

    private void ValidateArray(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return;
        if (schema.TryGetProperty("minItems", out JsonElement least) && value.GetArrayLength() < least.GetInt32())
            errors.Add($"{path}: has {value.GetArrayLength()} items, not {least}");
        if (!schema.TryGetProperty("items", out JsonElement items))
            return;
        int i = 0;
        foreach (JsonElement item in value.EnumerateArray())
            Validate(items, item, $"{path}[{i++}]", errors);
    }

    private void ValidateObject(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return;
        if (schema.TryGetProperty("required", out JsonElement required))
        {
            foreach (string name in required.EnumerateArray().Select(static name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)))
                errors.Add($"{path}: {name} is missing");
        }

        bool hasProperties = schema.TryGetProperty("properties", out JsonElement properties);
        bool hasAdditional = schema.TryGetProperty("additionalProperties", out JsonElement additional);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (hasProperties && properties.TryGetProperty(property.Name, out JsonElement known))
                Validate(known, property.Value, $"{path}.{property.Name}", errors);
            else if (hasAdditional && additional.ValueKind == JsonValueKind.False)
                errors.Add($"{path}: {property.Name} is not in the schema");
            else if (hasAdditional && additional.ValueKind == JsonValueKind.Object)
                Validate(additional, property.Value, $"{path}.{property.Name}", errors);
        }
    }
}
