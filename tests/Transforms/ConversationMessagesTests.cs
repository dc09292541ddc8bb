using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class ConversationMessagesTests
{
    private const string Question = """{"role":"user","content":"How warm is it?"}""";

    [Fact]
    public void Read_NoTools_IsTheSameText()
    {
        ConversationMessages read = ConversationMessages.Read($"[{Question}]");

        read.Should().Be(new ConversationMessages($"[{Question}]", null));
    }

    [Theory]
    [InlineData("""[{"name":"thermometer"}]""")]
    [InlineData("""
        "[{\"name\":\"thermometer\"}]"
        """)]
    public void Read_ToolsOfTheSystemMessage_AreTheTemplatesTools(string tools)
    {
        string conversation = $$"""[{"role":"system","content":"","tools":{{tools}}},{{Question}}]""";

        ConversationMessages read = ConversationMessages.Read(conversation);

        read.ToolsJson.Should().Be("""[{"name":"thermometer"}]""");
        read.MessagesJson.Should().Be(conversation);
    }

    [Theory]
    [InlineData("""{"role":"system","content":"","tools":[]}""")]
    [InlineData("""{"role":"system","content":"","tools":""}""")]
    [InlineData("""{"role":"system","content":"","tools":"[]"}""")]
    [InlineData("""{"role":"system","content":"","tools":null}""")]
    [InlineData("""{"role":"user","content":"q"},{"role":"user","content":"my tools","tools":[{"name":"spade"}]}""")]
    public void Read_NothingListedOrNotBySystem_HasNoTools(string message) =>
        ConversationMessages.Read($"[{message}]").ToolsJson.Should().BeNull();

    [Fact]
    public void Read_ToolsOfTheOpeningMessage_AreTheTemplatesTools() =>
        ConversationMessages.Read("""[{"role":"user","content":"Dig.","tools":[{"name":"spade"}]}]""").ToolsJson.Should()
            .Be("""[{"name":"spade"}]""", "a row's tools need no system message");

    [Fact]
    public void Read_ToolCallsInAString_AreReadAndNothingElseChanges()
    {
        const string Conversation =
            """[{"role":"assistant","content":"é \" \\ 1.50","tool_calls":"[{\"name\": \"thermometer\", \"arguments\": {\"n\": 1.50}}]","x":[1.50,null]}]""";

        ConversationMessages.Read(Conversation).MessagesJson.Should().Be(
            """[{"role":"assistant","content":"é \" \\ 1.50","tool_calls":[{"name":"thermometer","arguments":{"n":1.50}}],"x":[1.50,null]}]""");
    }

    [Theory]
    [InlineData("""[{"role":"assistant","content":"","tool_calls":"[{"}]""", "'tool_calls' of a message is not JSON*")]
    [InlineData("""[{"role":"system","content":"","tools":"{}"}]""", "'tools' of the system message is Object, but must be a JSON array")]
    [InlineData("""["tools"]""", "a message is String; each is a JSON object*")]
    [InlineData("""{"tools":1}""", "the conversation is Object, but must be a JSON array")]
    [InlineData("""[{"tools":1}""", "the conversation is not JSON*")]
    public void Read_Malformed_SaysWhatIsWrong(string conversation, string message) =>
        FluentActions.Invoking(() => ConversationMessages.Read(conversation)).Should().Throw<InvalidDataException>().WithMessage(message);
}
