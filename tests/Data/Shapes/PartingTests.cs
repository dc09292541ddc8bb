using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

public class PartingTests
{
    [Theory]
    [InlineData("u:q a:x u:r a:y", "u:q a:z u:r a:w")]
    [InlineData("u:q a:x u:r a:y", "u:q a:z u:s a:w")]
    [InlineData("u:q a:x u:r a:y", "u:q a:z")]
    [InlineData("s:b u:q a:x u:r a:y u:t a:k", "s:b u:q a:x u:r a:z u:t a:k")]
    public void Read_ConversationsThatPartBeforeTheLastTurn_KeepTheirOwnTurns(string chosen, string rejected) =>
        Said(Row(chosen, rejected)).Should().Be((InWords(List(chosen)), InWords(List(rejected))));

    [Theory]
    [InlineData("u:q a:x", "u:p a:y", "chosen[0]")]
    [InlineData("u:q a:x u:r a:y", "u:q a:x u:s a:z", "chosen[2]")]
    [InlineData("u:q a:x u:r a:y", "u:q a:x", "chosen[2]")]
    [InlineData("s:b u:q a:x", "s:c u:q a:y", "chosen[0]")]
    [InlineData("s:b u:q a:x", "u:q a:y", "chosen[0]")]
    [InlineData("u:q a:x", "u:q u:r a:y", "chosen[1]")]
    [InlineData("u:q u:r a:x", "u:q a:y", "chosen[1]")]
    public void Read_DifferentPrompts_AreRefused(string chosen, string rejected, string field)
    {
        PreferenceDataException fault = Fault(Row(chosen, rejected));
        (fault.Reason, fault.Field).Should().Be((BadRowReason.DifferentPrompts, field));
    }

    [Theory]
    [InlineData("\\n\\nHuman: q\\n\\nAssistant: a\\n\\nHuman: r\\n\\nAssistant: b", "\\n\\nHuman: q\\n\\nAssistant: a\\n\\nHuman: s\\n\\nAssistant: c",
        BadRowReason.DifferentPrompts)]
    [InlineData("\\n\\nHuman: q\\n\\nAssistant:", "\\n\\nHuman: q\\n\\nAssistant: c", BadRowReason.LastTurnNotAssistant)]
    public void Read_ContradictoryTranscripts_AreRefused(string chosen, string rejected, BadRowReason reason) =>
        Fault($$"""{"chosen": "{{chosen}}", "rejected": "{{rejected}}"}""").Reason.Should().Be(reason);

    private static string Row(string chosen, string rejected) => $$"""{"chosen": {{List(chosen)}}, "rejected": {{List(rejected)}}}""";

    private static string List(string turns) => $"[{string.Join(',', turns.Split(' ').Select(turn =>
        $$"""{"role":"{{turn[0] switch { 'u' => "user", 'a' => "assistant", _ => "system" }}}","content":"{{turn[2..]}}"}"""))}]";
}
