namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>A model that is served.</summary>
internal sealed record ModelCard(string Id, string Object, long Created, string OwnedBy)
{
    public static ModelCard Of(ServedModel model) => new(model.Name, "model", model.Created.ToUnixTimeSeconds(), "local");
}
