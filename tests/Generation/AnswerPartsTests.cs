using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>What an answer is divided into, however its text is cut into tokens. Text as it is, reasoning in (), calls in «».</summary>
public sealed class AnswerPartsTests
{
    private const string Call = """{"name": "look", "arguments": {"at": "it"}}""";

    private static readonly ToolCallFormat s_hermes = new("<tool_call>", "</tool_call>", false, "name", "arguments", []);
    private static readonly ToolCallFormat s_list = new("[TOOL_CALLS]", "", true, "name", "arguments", ["id"]);
    private static readonly ToolCallFormat s_bare = new("", "", false, "name", "parameters", []);

    [Theory]
    [InlineData("Plain text.", "Plain text.")]
    [InlineData("<think>Hm.</think>Yes.", "(Hm.)Yes.")]
    [InlineData("<think>\n Hm.\n\nHm?\n</think>\n\nYes. \n", "(Hm.\n\nHm?)Yes. \n")]
    [InlineData("\n<think>Hm.</think>Yes.", "(Hm.)Yes.")]
    [InlineData("\n Yes.", "\n Yes.")]
    [InlineData("<think>\n\n</think>\n\nYes.", "Yes.")]
    [InlineData("<think></think>", "")]
    [InlineData("<think>", "")]
    [InlineData("<think>Hm", "(Hm)")]
    [InlineData("<think>Hm </thi", "(Hm </thi)")]
    [InlineData("<think>1 < 2 </ 3</think>Yes", "(1 < 2 </ 3)Yes")]
    [InlineData("<think>a</think>b<think>c</think>d", "(a)b(c)d")]
    [InlineData("First. <think>Hm.</think> Then.", "First. (Hm.)Then.")]
    [InlineData("</think>Yes.", "</think>Yes.")]
    [InlineData("a <thin", "a <thin")]
    [InlineData("a <thinking> b", "a <thinking> b")]
    [InlineData("<think>a<think>b</think>c", "(a<think>b)c")]
    [InlineData("<think>" + "<tool_call>" + Call + "</tool_call></think>Yes.", "(<tool_call>" + Call + "</tool_call>)Yes.")]
    public void Reasoning_BetweenItsTags_IsToldApart(string text, string expected)
    {
        All(text, s_hermes, false, expected);
        if (!text.Contains("<tool_call>", StringComparison.Ordinal))
            All(text, null, false, expected);
    }

    [Theory]
    [InlineData("Hm.\n</think>\n\nYes.", "(Hm.)Yes.")]
    [InlineData("\nHm.", "(Hm.)")]
    [InlineData("</think>Yes.", "Yes.")]
    [InlineData("", "")]
    [InlineData("Hm.</think><tool_call>" + Call + "</tool_call>", """(Hm.)«look {"at":"it"}»""")]
    public void Reasoning_ThatThePromptOpened_EndsAtItsTag(string text, string expected) => All(text, s_hermes, true, expected);

    [Theory]
    [InlineData("<tool_call>\n" + Call + "\n</tool_call>", """«look {"at":"it"}»""")]
    [InlineData("<tool_call>" + Call + "</tool_call>", """«look {"at":"it"}»""")]
    [InlineData("I look.\n<tool_call>\n" + Call + "\n</tool_call>\n", """I look.«look {"at":"it"}»""")]
    [InlineData("<think>Hm.</think>\n\nI look.\n<tool_call>" + Call + "</tool_call>", """(Hm.)I look.«look {"at":"it"}»""")]
    [InlineData("<tool_call>" + Call + "</tool_call>\n<tool_call>" + Call + "</tool_call>", """«look {"at":"it"}»«look {"at":"it"}»""")]
    [InlineData("<tool_call>" + Call + "</tool_call>\nThere.", """«look {"at":"it"}»There.""")]
    [InlineData("""<tool_call>{"arguments": {}, "name": "look"}</tool_call>""", "«look {}»")]
    [InlineData("""<tool_call>{"type": "function", "id": "a", "name": "look", "arguments": {}}</tool_call>""", "«look {}»")]
    [InlineData("""<tool_call>{"name": "look", "arguments": "{\"at\": 1}"}</tool_call>""", """«look {"at":1}»""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"at": "</tool_call>\" }"}}</tool_call>""", """«look {"at":"\u003C/tool_call\u003E\u0022 }"}»""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"n": [1, -2.5e3, true, null, {"x": []}]}}</tool_call>""",
        """«look {"n":[1,-2.5e3,true,null,{"x":[]}]}»""")]
    [InlineData("<tool_call>" + Call, """«look {"at":"it"}»""")] // all of it is there but its tag
    [InlineData("<tool_call>" + Call + "\n</tool_", """«look {"at":"it"}»""")]
    public void Calls_InTheirForm_AreCalls(string text, string expected) => All(text, s_hermes, false, expected);

    [Theory]
    [InlineData("<tool_call>look</tool_call>")]
    [InlineData("<tool_call></tool_call>")]
    [InlineData("<tool_call>")]
    [InlineData("a <tool_ca")]
    [InlineData("a <tool_call>\n" + """{"name": "look", "argum""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"at": "it"}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"at": "it"}}}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"at": it}}</tool_call>""")]
    [InlineData("""<tool_call>{'name': 'look', 'arguments': {}}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look"}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "parameters": {}}</tool_call>""")]
    [InlineData("""<tool_call>{"arguments": {}}</tool_call>""")]
    [InlineData("""<tool_call>{"name": 7, "arguments": {}}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "", "arguments": {}}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": [1]}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": "it"}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"a": 1, "a": 2}}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {}, "also": 1}</tool_call>""")]
    [InlineData("""<tool_call>{"name": "look", "arguments": {}} and more</tool_call>""")]
    [InlineData("""<tool_call>[{"name": "look", "arguments": {}}]</tool_call>""")]
    [InlineData("<tool_call>{\"name\": \"lo\nok\", \"arguments\": {}}</tool_call>")]
    [InlineData("""{"name": "look", "arguments": {}}""")]
    public void Calls_Malformed_AreText(string text) => All(text, s_hermes, false, text);

    [Fact]
    public void Calls_BehindAMalformedOne_AreCalls() => All("<tool_call>{oh</tool_call> <tool_call>" + Call + "</tool_call>", s_hermes, false,
        """<tool_call>{oh</tool_call>«look {"at":"it"}»""");

    [Theory]
    [InlineData("[TOOL_CALLS] [" + Call + "]", """«look {"at":"it"}»""")]
    [InlineData("So: [TOOL_CALLS][" + Call + ", " + Call + "]\n", """So:«look {"at":"it"}»«look {"at":"it"}»""")]
    [InlineData("[TOOL_CALLS] []", "[TOOL_CALLS] []")]
    [InlineData("[TOOL_CALLS] " + Call, "[TOOL_CALLS] " + Call)]
    [InlineData("[TOOL_CALLS] [" + Call + ", 7]", "[TOOL_CALLS] [" + Call + ", 7]")]
    [InlineData("[" + Call + "]", "[" + Call + "]")]
    public void Calls_InAList_AreReadTogether(string text, string expected) => All(text, s_list, false, expected);

    [Theory]
    [InlineData("""{"name": "look", "parameters": {"at": "it"}}""", """«look {"at":"it"}»""")]
    [InlineData(" \n{\"name\": \"look\", \"parameters\": {}}\n", "«look {}»")]
    [InlineData("""<think>Hm.</think> {"name": "look", "parameters": {}}""", "(Hm.)«look {}»")]
    [InlineData("""{"name": "other", "parameters": {}}""", null)]
    [InlineData("""{"name": "look", "parameters": {}} it is""", null)]
    [InlineData("""It is {"name": "look", "parameters": {}}""", null)]
    [InlineData("""{"city": "Bern"}""", null)]
    [InlineData("""{"city": """, null)]
    [InlineData("  ", null)]
    public void Calls_WithoutMarks_AreWholeAnswersThatNameATool(string text, string? expected) => All(text, s_bare, false, expected ?? text);

    [Fact]
    public void Calls_MostOne_EndTheAnswer()
    {
        AnswerParts parts = new(s_hermes, new ToolCallReader(s_hermes, null), beginsThinking: false, mostCalls: 1);
        List<AIContent> contents = [];
        parts.Append(new TextRun("<tool_call>" + Call + "</tool_", true), contents);
        parts.IsFull.Should().BeFalse();

        parts.Append(new TextRun("call><tool_call>" + Call + "</tool_call>", true), contents);
        parts.Flush(contents);

        (contents.Count, parts.Calls, parts.IsFull).Should().Be((1, 1, true));
    }

    [Fact]
    public void Marks_OfSpecialTokens_AreSeenAndNotShown()
    {
        AnswerParts parts = new(s_list, new ToolCallReader(s_list, null), beginsThinking: false, int.MaxValue);
        List<AIContent> contents = [];
        foreach (TextRun run in new TextRun[] { new("A", true), new("<s>", false), new("B", true), new("[TOOL_CALLS]", false), new("[" + Call + "]", true) })
            parts.Append(run, contents);
        parts.Append(new TextRun("[TOOL_CALLS]", false), contents);
        parts.Append(new TextRun("no", true), contents);
        parts.Flush(contents);

        Told(contents).Should().Be("""AB«look {"at":"it"}»no""");
    }

    [Fact]
    public void Text_BeforeACall_IsGivenBeforeTheCallIsWhole()
    {
        AnswerParts parts = new(s_hermes, new ToolCallReader(s_hermes, null), beginsThinking: false, int.MaxValue);
        List<AIContent> contents = [];

        parts.Append(new TextRun("I look. <tool_call>{\"name\": \"lo", true), contents);
        Told(contents).Should().Be("I look.");
        parts.Append(new TextRun("ok\", \"arguments\": {}}", true), contents);
        Told(contents).Should().Be("I look.");
        parts.Append(new TextRun("</tool_call>", true), contents);
        Told(contents).Should().Be("I look.«look {}»");
    }

    [Fact]
    public void Ids_OfCalls_AreTheModelsOwnOrNineCharacters()
    {
        ToolCallReader reader = new(s_list, null);

        IReadOnlyList<FunctionCallContent> calls = reader.Read(
            """[{"name": "a", "arguments": {}, "id": "x1"}, {"name": "b", "arguments": {}}, {"name": "c", "arguments": {}}]""")!;

        calls[0].CallId.Should().Be("x1");
        calls[1].CallId.Should().MatchRegex("^[A-Za-z0-9]{9}$").And.NotBe(calls[2].CallId);
    }

    /// <summary>Whole, character by character, and in two pieces cut anywhere.</summary>
    private static void All(string text, ToolCallFormat? format, bool beginsThinking, string expected)
    {
        Divide([text], format, beginsThinking).Should().Be(expected);
        Divide([.. text.Select(character => character.ToString())], format, beginsThinking).Should().Be(expected, "character by character");
        for (int cut = 1; cut < text.Length; cut++)
            Divide([text[..cut], text[cut..]], format, beginsThinking).Should().Be(expected, "cut at {0}", cut);
    }

    private static string Divide(string[] pieces, ToolCallFormat? format, bool beginsThinking)
    {
        ToolCallReader? reader = format is null ? null : new(format, format.Open.Length == 0 ? new HashSet<string> { "look" } : null);
        AnswerParts parts = new(format, reader, beginsThinking, int.MaxValue);
        List<AIContent> contents = [];
        foreach (string piece in pieces)
            parts.Append(new TextRun(piece, IsShown: true), contents);
        parts.Flush(contents);
        return Told(contents);
    }

    private static string Told(IEnumerable<AIContent> contents) => string.Concat(contents.Select(content => content switch
    {
        TextReasoningContent reasoning => $"({reasoning.Text})",
        FunctionCallContent call => $"«{call.Name} {JsonSerializer.Serialize(call.Arguments)}»",
        _ => ((TextContent)content).Text,
    })).Replace(")(", "", StringComparison.Ordinal);
}
