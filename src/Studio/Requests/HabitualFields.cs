using System.Text.Json;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Fields that clients send by habit, in the values in which they change nothing.</summary>
internal static class HabitualFields
{
    /// <summary>Takes them.</summary>
    /// <exception cref="Responses.ApiException">One asks for something.</exception>
    public static void Accept(RequestFields fields)
    {
        fields.Accept("n", value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number == 1,
            "a request has one answer, so ask as often as answers are wanted");
        // they tell OpenAI whose request it is, or where to look for a cached beginning, which is found here without
        foreach (string name in (string[])["user", "safety_identifier", "prompt_cache_key"])
            fields.Accept(name, value => value.ValueKind == JsonValueKind.String, "it must be a string");
        fields.Accept("metadata", value => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(IsText), "it must be an object of strings");
        fields.Accept("store", value => value.ValueKind == JsonValueKind.False, "nothing is stored here");
        fields.Accept("service_tier", value => Is(value, "auto") || Is(value, "default"), "there is one tier here, so say 'auto' or leave it out");
        fields.Accept("logit_bias", value => value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any(),
            "tokens are not made likelier or less likely one by one");
    }

    /// <summary>Whether a value is this string.</summary>
    public static bool Is(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool IsText(JsonProperty property) => property.Value.ValueKind == JsonValueKind.String;
}
