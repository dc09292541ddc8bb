using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.Transforms.Persistence;

/// <summary>How the JSON entries of a model are written, and how strictly they are read.</summary>
internal static class EntryJson
{
    /// <summary>Every key is needed and none is unknown: what a file says is never silently ignored.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a history may have a norm that is not finite
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
    };
}
