using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class LabelTableTests
{
    [Fact]
    public void Of_LabelsInAnyOrder_GivesEachAPlaceInItsSequencesRow()
    {
        LabelTable table = LabelTable.Of([0, 2, 0, 3, 2, 0], sequences: 4);

        table.Width.Should().Be(3, "sequence 0 has three labels");
        table.Places.Should().Equal(0, 6, 1, 9, 7, 2);
    }

    [Fact]
    public void Of_NoLabels_IsEmpty()
    {
        LabelTable table = LabelTable.Of([], sequences: 2);

        (table.Width, table.Places.Length).Should().Be((0, 0));
    }
}
