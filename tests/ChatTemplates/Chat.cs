namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

/// <summary>Renders templates with the variables that every chat template has.</summary>
internal static class Chat
{
    public static string Render(
        string source, string messages = "[]", IEnumerable<KeyValuePair<string, object?>>? variables = null, TimeProvider? clock = null) =>
        Render(JinjaTemplate.Parse(source), messages, null, variables ?? [], clock, null);

    public static string Render(
        JinjaTemplate template, string messages, string? tools, IEnumerable<KeyValuePair<string, object?>> variables, TimeProvider? clock,
        ICollection<(int Start, int Length)>? spans)
    {
        KeyValuePair<string, object?>[] own =
        [
            new("messages", JsonValues.ParseArray(messages, "the messages")),
            new("tools", tools is null ? null : JsonValues.ParseArray(tools, "the tools")),
            new("documents", null),
            new("add_generation_prompt", false),
        ];
        return template.Render(own.Concat(variables), RenderLimits.ForInput(messages.Length + (tools?.Length ?? 0)), clock, spans);
    }
}
